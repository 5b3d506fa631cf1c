using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>Which bodies are sent again.</summary>
public sealed class BodyReplayTests
{
    private const int Limit = 64 * 1024;

    public static TheoryData<string> Contents => ["string", "bytes", "json", "form", "stream", "multipart"];

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Put_ContentThatCanBeSentAgain_ArrivesTwiceAlike(string kind)
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(bad, good);
        using HttpContent content = Content(kind);
        string expected = await Content(kind).ReadAsStringAsync(TestContext.Current.CancellationToken);

        using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, HttpMethod.Put, content);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([expected], bad.Bodies);
        Assert.Equal([expected], good.Bodies);
        Assert.Same(content, response.RequestMessage!.Content);
    }

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    public async Task Put_StreamUpToTheLimit_IsCopiedAndSentAgain(int length, bool retried)
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(bad, good);
        using var retries = new MetricCollector<long>(
            mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.retries");
        using var content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', length))));

        using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, HttpMethod.Put, content);

        Assert.Equal(retried ? 200 : 503, (int)response.StatusCode);
        Assert.Equal((1, retried ? 1 : 0), (bad.Hits, good.Hits));
        Assert.All([.. bad.Bodies, .. good.Bodies], body => Assert.Equal(length, body.Length));
        Assert.Equal(retried ? "success" : "denied_body", Assert.Single(retries.GetMeasurementSnapshot()).Tags["mesh.retry.outcome"]);
    }

    [Fact]
    public async Task Post_ToNobody_StreamOfAnyLengthMovesOn()
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([nobody, good.Address]);
        using var content = new StreamContent(new MemoryStream(new byte[4 * Limit]));

        using HttpResponseMessage response = await mesh.SendToAsync(nobody, HttpMethod.Post, content);

        Assert.Equal((200, 4 * Limit), ((int)response.StatusCode, Assert.Single(good.Bodies).Length));
    }

    private static HttpContent Content(string kind) => kind switch
    {
        "string" => new StringContent("hello"),
        "bytes" => new ByteArrayContent("hello"u8.ToArray()),
        "json" => JsonContent.Create(new { Name = "hello", Numbers = new[] { 1, 2, 3 } }),
        "form" => new FormUrlEncodedContent([new("name", "hello")]),
        "stream" => new StreamContent(new MemoryStream("hello"u8.ToArray())),
        _ => new MultipartContent("mixed", "boundary") { new StringContent("hello") },
    };

    private static Task<MeshHost> StartAsync(Backend bad, Backend good) => MeshHost.StartCatalogAsync(
        [bad.Address, good.Address],
        service => service.Retry = new RetryOptions { On = ["5xx"], Methods = ["GET", "PUT"] });
}

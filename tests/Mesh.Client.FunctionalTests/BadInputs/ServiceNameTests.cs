using System.Net;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>A name that no service can have is an error that says why, not a question to a name server.</summary>
public sealed class ServiceNameTests
{
    private static readonly string LongLabel = new('a', 64);

    public static TheoryData<string, string> Names => new()
    {
        { "cat_alog", "the illegal character '_'" },
        { "käse", "the illegal character 'ä'" },
        { "カタログ", "the illegal character" },
        { LongLabel, "a label longer than 63 characters" },
        { "-catalog", "begins or ends with '-'" },
        { string.Join('.', Enumerable.Repeat(new string('a', 60), 4)) + ".bbbbbbbbbb", "longer than 253 characters" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Send_IllegalName_SaysWhatIsWrong(string host, string problem)
    {
        await using MeshHost app = await MeshHost.StartAsync([]);
        if (!Uri.TryCreate($"http://{host}/who", UriKind.Absolute, out Uri? uri))
        {
            // The platform refuses it before us.
            return;
        }

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => app.Client().GetAsync(uri, TestContext.Current.CancellationToken));

        Assert.Equal(MeshFailure.UnknownService, error.Reason);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NameTooLongOnlyWithItsNamespace_SaysWhatIsWrong()
    {
        await using MeshHost app = await MeshHost.StartAsync(
            new() { ["ClusterDomain"] = string.Join('.', Enumerable.Repeat(new string('d', 60), 4)) });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync());

        Assert.Contains("is too long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_IllegalName_IsUnavailableAndSaysWhatIsWrong()
    {
        await using MeshHost app = await MeshHost.StartAsync([]);
        using HttpRequestMessage request = new(HttpMethod.Post, "http://cat_alog/probe") { Content = new ByteArrayContent([]) };
        request.Version = HttpVersion.Version20;
        request.Content.Headers.ContentType = new("application/grpc");

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            () => app.Client().SendAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("the illegal character '_'", error.Status.Detail, StringComparison.Ordinal);
    }
}

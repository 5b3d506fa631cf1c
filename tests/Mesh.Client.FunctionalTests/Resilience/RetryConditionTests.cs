using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>Each condition name against a server that really produces it.</summary>
public sealed class RetryConditionTests
{
    [Theory]
    [InlineData("5xx", 500, true)]
    [InlineData("5xx", 599, true)]
    [InlineData("5xx", 499, false)]
    [InlineData("gateway-error", 502, true)]
    [InlineData("gateway-error", 504, true)]
    [InlineData("gateway-error", 500, false)]
    [InlineData("418", 418, true)]
    [InlineData("418", 419, false)]
    [InlineData("520-530", 520, true)]
    [InlineData("520-530", 530, true)]
    [InlineData("520-530", 531, false)]
    [InlineData("retriable-4xx", 409, true)]
    [InlineData("retriable-4xx", 408, false)]
    [InlineData("Gateway-Error", 503, true)]
    public async Task Get_StatusOfCondition_IsRetriedElsewhere(string condition, int status, bool retried)
    {
        await using Backend bad = await Backend.StartAsync(status);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], condition);

        using HttpResponseMessage response = await mesh.GetFromAsync(bad.Address);

        Assert.Equal(retried ? 200 : status, (int)response.StatusCode);
        Assert.Equal((1, retried ? 1 : 0), (bad.Hits, good.Hits));
        MeshCallInfo call = response.GetMeshCallInfo()!;
        string[] tried = retried ? [bad.Address, good.Address] : [bad.Address];
        Assert.Equal(tried, call.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal((AttemptResult.HttpStatus, (int?)status), (call.Attempts[0].Outcome, call.Attempts[0].Status));
        Assert.Equal(retried ? 1 : 0, call.Retries);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task Send_StatusToAMethodThatMayNotBeRepeated_IsNotRetried(string method)
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "5xx");

        using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, new HttpMethod(method));

        Assert.Equal((503, 1, 0), ((int)response.StatusCode, bad.Hits, good.Hits));
    }

    [Theory]
    [InlineData("reset", "GET", true)]
    [InlineData("reset", "HEAD", true)]
    [InlineData("reset", "POST", false)]
    [InlineData("reset", "DELETE", false)]
    [InlineData("refused-stream", "GET", false)]
    public async Task Send_ServerClosesAfterTheRequest_OnlyASafeMethodIsRetried(string condition, string method, bool retried)
    {
        await using var bad = new RawServer(RawServer.ReadHeadAsync);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], condition);

        if (retried)
        {
            using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, new HttpMethod(method));
            Assert.Equal([AttemptResult.Reset, AttemptResult.Success], Outcomes(response));
        }
        else
        {
            MeshException failure = await Assert.ThrowsAsync<MeshException>(() => mesh.SendToAsync(bad.Address, new HttpMethod(method)));
            Assert.Equal((MeshFailure.Transport, AttemptResult.Reset), (failure.Reason, Assert.Single(failure.Call!.Attempts).Outcome));
            Assert.Contains(bad.Address, failure.Message, StringComparison.Ordinal);
        }

        // SocketsHttpHandler itself repeats what is safe to repeat; what is not must have been sent once.
        Assert.True(bad.Connections == 1 || HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
        Assert.Equal(retried ? 1 : 0, good.Hits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_RefusedByHttp2_IsRetriedElsewhere(bool goAway)
    {
        await using var bad = new RawServer(goAway ? RefusingHttp2.GoAwayAsync : RefusingHttp2.ResetAsync);
        await using Backend good = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "refused-stream");

        using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, HttpMethod.Post, new StringContent("hello"), http2: true);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([AttemptResult.Refused, AttemptResult.Success], Outcomes(response));
        Assert.Equal(["hello"], good.Bodies);
    }

    [Fact]
    public async Task Post_RefusedAndNotAmongTheConditions_Fails()
    {
        await using var bad = new RawServer(RefusingHttp2.ResetAsync);
        await using MeshHost mesh = await StartAsync([bad.Address], "5xx");

        MeshException failure = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendToAsync(bad.Address, HttpMethod.Post, new StringContent("hello"), http2: true));

        Assert.Equal(AttemptResult.Refused, Assert.Single(failure.Call!.Attempts).Outcome);
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("processed")]
    [InlineData("processed, code of a refused stream")]
    public async Task Post_BrokenOffByHttp2_IsNotRetried(string how)
    {
        await using var bad = new RawServer(how switch
        {
            "cancelled" => RefusingHttp2.CancelAsync,
            "processed" => RefusingHttp2.GoAwayProcessedAsync,
            _ => RefusingHttp2.GoAwayProcessedAsRefusedAsync,
        });
        await using Backend good = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "refused-stream");

        MeshException failure = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendToAsync(bad.Address, HttpMethod.Post, new StringContent("hello"), http2: true));

        Assert.Equal(AttemptResult.Reset, Assert.Single(failure.Call!.Attempts).Outcome);
        Assert.Equal((1, 0), (bad.Connections, good.Hits));
    }

    [Theory]
    [InlineData("connect-failure")]
    [InlineData("5xx")]
    public async Task Post_ToNobody_MovesOnWhateverTheConditions(string condition)
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([nobody, good.Address], condition, retries: 0);

        using HttpResponseMessage response = await mesh.SendToAsync(nobody, HttpMethod.Post, new StringContent("hello"));

        Assert.Equal(0, response.GetMeshCallInfo()!.Retries);
        Assert.Equal([AttemptResult.ConnectFailure, AttemptResult.Success], Outcomes(response));
        Assert.Equal(["hello"], good.Bodies);
    }

    [Fact]
    public async Task Get_RetriesOff_FailureIsHandedOver()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "5xx", retries: 0);

        using HttpResponseMessage response = await mesh.GetFromAsync(bad.Address);

        Assert.Equal(
            (503, "status 503", 0),
            ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), good.Hits));
    }

    private static IEnumerable<AttemptResult> Outcomes(HttpResponseMessage response) =>
        response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome);

    private static Task<MeshHost> StartAsync(string[] endpoints, string condition, int retries = 1) =>
        MeshHost.StartCatalogAsync(endpoints, service => service.Retry = new RetryOptions { On = [condition], MaxRetries = retries });
}

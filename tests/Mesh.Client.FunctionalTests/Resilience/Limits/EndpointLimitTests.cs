using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>What one endpoint is asked at most.</summary>
public sealed class EndpointLimitTests
{
    private static readonly Uri Root = new("/", UriKind.Relative);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MaxRequests_OwnEndpointFull_TheNextOfItsSequenceTakesTheCall()
    {
        await using HeldBackend first = await HeldBackend.StartAsync();
        await using HeldBackend second = await HeldBackend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [first.Address, second.Address], service => service.Limits = new MeshLimitOptions { MaxRequestsPerEndpoint = 1 });
        Task<HttpResponseMessage> own = mesh.SendToAsync(first.Address, HttpMethod.Get);
        await Eventually.TrueAsync(() => first.Now == 1);
        Task<HttpResponseMessage> other = mesh.SendToAsync(first.Address, HttpMethod.Get);
        await Eventually.TrueAsync(() => second.Now == 1);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => mesh.SendToAsync(first.Address, HttpMethod.Get));

        Assert.Equal((MeshFailure.Limit, nameof(MeshLimitOptions.MaxRequestsPerEndpoint)), (refused.Reason, refused.Limit));
        Assert.Contains(
            "refused by Limits:MaxRequestsPerEndpoint of catalog.default.svc.cluster.local:80, 1",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Empty(refused.Call!.Attempts);
        first.Release();
        second.Release();
        Assert.Equal(PickReason.HashFailover, (await other).GetMeshCallInfo()!.Attempts.Single().Reason);
        (await own).Dispose();
        (await other).Dispose();
        (await mesh.SendToAsync(first.Address, HttpMethod.Get)).Dispose();
        Assert.Equal((2, 1), (first.Hits, second.Hits));
    }

    [Theory]
    [InlineData(LoadBalancingPolicyName.PeakEwma)]
    [InlineData(LoadBalancingPolicyName.RoundRobin)]
    [InlineData(LoadBalancingPolicyName.Random)]
    public async Task MaxRequests_ManyCallers_IsNeverExceededAndNoPlaceIsLost(string policy)
    {
        const int Max = 3;
        await using HeldBackend first = await HeldBackend.StartAsync();
        await using HeldBackend second = await HeldBackend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([first.Address, second.Address], service =>
        {
            service.LoadBalancing = new LoadBalancingOptions { Policy = policy };
            service.Limits = new MeshLimitOptions { MaxRequestsPerEndpoint = Max };
        });
        using HttpClient client = mesh.Client();

        Task<HttpResponseMessage>[] calls =
            [.. Enumerable.Range(0, 64).Select(_ => Task.Run(() => client.GetAsync(Root, Cancellation), Cancellation))];
        await Eventually.TrueAsync(() => calls.Count(call => call.IsFaulted) == calls.Length - (2 * Max));
        await Eventually.TrueAsync(() => first.Now == Max && second.Now == Max);
        first.Release();
        second.Release();
        await Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.All(calls.Where(call => call.IsFaulted), call => Assert.Equal(
            MeshFailure.Limit, Assert.IsType<MeshException>(call.Exception!.InnerException).Reason));
        Assert.Equal((Max, Max), (first.Most, second.Most));
        using HttpResponseMessage after = await client.GetAsync(Root, Cancellation);
        Assert.True(after.IsSuccessStatusCode);
    }

    /// <summary>Whichever side is named first: the clock stands still, so that a call which waits for either never ends.</summary>
    [Theory]
    [InlineData("Weighted", null, false)]
    [InlineData("Weighted", "user-1", false)]
    [InlineData("FirstAvailable", null, false)]
    [InlineData("FirstAvailable", null, true)]
    public async Task MaxRequests_OfTheOnlyBackendThatIsThere_IsToldAtOnce(string choice, string? key, bool fullFirst)
    {
        await using HeldBackend full = await HeldBackend.StartAsync();
        var clock = new RecordingClock();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("full", full.Address)],
            [
                ("Routes:0:BackendChoice", choice),
                ("Routes:0:Backends:0:Service", fullFirst ? "full" : "gone"),
                ("Routes:0:Backends:1:Service", fullFirst ? "gone" : "full"),
            ],
            clock);
        mesh.Set(("Services:full:Limits:MaxRequestsPerEndpoint", "1"));
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service("gone").Snapshot.Answered && mesh.Service("full").Snapshot.MaxRequestsPerEndpoint == 1;
        });
        Task<HttpResponseMessage> held = mesh.SendAsync(HttpMethod.Get, "/", key);
        await Eventually.TrueAsync(() => full.Now == 1);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(
            () => mesh.AskAsync(key: key).WaitAsync(TimeSpan.FromSeconds(30), Cancellation));

        Assert.Equal((MeshFailure.Limit, nameof(MeshLimitOptions.MaxRequestsPerEndpoint)), (refused.Reason, refused.Limit));
        Assert.Contains("MaxRequestsPerEndpoint of full.default.svc.cluster.local:80, 1", refused.Message, StringComparison.Ordinal);
        full.Release();
        (await held).Dispose();
    }

    [Fact]
    public async Task MaxRequests_Grpc_IsResourceExhausted()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        probe.Hold = release.Task;
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [probe.Address], service => service.Limits = new MeshLimitOptions { MaxRequestsPerEndpoint = 1 });
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);
        using AsyncUnaryCall<ProbeReply> held = client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => probe.Calls == 1);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("MaxRequestsPerEndpoint of ", refused.Status.Detail, StringComparison.Ordinal);
        release.SetResult();
        await held;
    }
}

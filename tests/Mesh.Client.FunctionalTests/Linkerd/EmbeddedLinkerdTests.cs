using System.Net;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>A client with <c>Mesh:Linkerd</c> against the embedded control plane: all of its four calls, over mutual TLS.</summary>
public sealed class EmbeddedLinkerdTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_HttpAndGrpc_CertifiedBothSides()
    {
        await using EmbeddedLinkerd linkerd = await EmbeddedLinkerd.StartAsync();
        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", await linkerd.StartInstanceAsync("one")));
        MeshHost client = await linkerd.StartClientAsync();

        Assert.Equal($"one /items {SecureMesh.Web}", await client.Client().GetStringAsync("/items", Stop));
        using (global::Grpc.Net.Client.GrpcChannel channel = client.Channels.CreateChannel("catalog"))
        {
            ProbeReply reply = await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Stop);
            Assert.Equal("one", reply.Name);
        }

        Assert.True(client.Service().Snapshot.Endpoints.Single().IsSecured);
        Assert.NotNull(client.Service().Snapshot.Set.Policy);
    }

    [Fact]
    public async Task Endpoints_ComeAndGo_WithoutAFailedCall()
    {
        await using EmbeddedLinkerd linkerd = await EmbeddedLinkerd.StartAsync();
        int one = await linkerd.StartInstanceAsync("one");
        int two = await linkerd.StartInstanceAsync("two");
        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", one));
        MeshHost client = await linkerd.StartClientAsync();
        Assert.StartsWith("one", await client.Client().GetStringAsync("/", Stop), StringComparison.Ordinal);

        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", two, index: 1));
        await UntilAsync(client, "/", async response => (await response.Content.ReadAsStringAsync(Stop)).StartsWith("two", StringComparison.Ordinal));
        linkerd.Set([.. EmbeddedLinkerd.Endpoint("catalog", two), .. Nothing(EmbeddedLinkerd.Endpoint("catalog", two, index: 1))]);
        await Eventually.TrueAsync(() => client.Service().Snapshot.Endpoints.Length == 1);

        Assert.StartsWith("two", await client.Client().GetStringAsync("/", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_OfTheControlPlane_HoldAndChange()
    {
        await using EmbeddedLinkerd linkerd = await EmbeddedLinkerd.StartAsync(
            ("Services:catalog:Routes:0:Name", "canary"),
            ("Services:catalog:Routes:0:Match:Headers:0:Name", "x-canary"),
            ("Services:catalog:Routes:0:Match:Headers:0:Value", "yes"),
            ("Services:catalog:Routes:0:Backends:0:Service", "catalog-canary"),
            ("Services:catalog:Routes:1:Name", "old"),
            ("Services:catalog:Routes:1:Match:Path:Prefix", "/old"),
            ("Services:catalog:Routes:1:Filters:0:Redirect:PathPrefix", "/new"),
            ("Services:catalog:Routes:1:Filters:0:Redirect:Status", "301"),
            ("Services:catalog:Routes:2:Name", "broken"),
            ("Services:catalog:Routes:2:Match:Path:Exact", "/broken"),
            ("Services:catalog:Routes:2:Filters:0:Fault:Abort:Status", "418"),
            ("Services:catalog:Routes:3:Name", "rest"),
            ("Services:catalog:Routes:3:Match:Path:Prefix", "/"),
            ("Services:catalog:Routes:3:Filters:0:RequestHeaders:Add:x-added", "by-policy"));
        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", await linkerd.StartInstanceAsync("stable")));
        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog-canary", await linkerd.StartInstanceAsync("canary")));
        MeshHost client = await linkerd.StartClientAsync();

        Assert.Equal($"stable / {SecureMesh.Web} by-policy", await client.Client().GetStringAsync("/", Stop));
        using (HttpResponseMessage canary = await SendAsync(client, "/", ("x-canary", "yes")))
        {
            Assert.Equal($"canary / {SecureMesh.Web}", await canary.Content.ReadAsStringAsync(Stop));
            Assert.Equal("catalog-canary.shop.svc.cluster.local:80", canary.GetMeshCallInfo()!.Backend);
        }

        using (HttpResponseMessage moved = await SendAsync(client, "/old/1"))
        {
            Assert.Equal((HttpStatusCode.MovedPermanently, "/new/1"), (moved.StatusCode, moved.Headers.Location!.AbsolutePath));
        }

        using (HttpResponseMessage broken = await SendAsync(client, "/broken"))
        {
            Assert.Equal(418, (int)broken.StatusCode);
        }

        linkerd.Set(("Services:catalog:Routes:2:Filters:0:Fault:Abort:Status", "410"));
        await UntilAsync(client, "/broken", response => Task.FromResult(response.StatusCode is HttpStatusCode.Gone));
    }

    [Fact]
    public async Task RetriesAndAccrual_OfTheControlPlane_HoldAndChange()
    {
        int failures = 0;
        await using EmbeddedLinkerd linkerd = await EmbeddedLinkerd.StartAsync(
            ("Services:catalog:Retry:On:0", "503"), ("Services:catalog:Retry:MaxRetries", "1"));
        int port = await linkerd.StartInstanceAsync("one", context =>
        {
            context.Response.StatusCode = Interlocked.Decrement(ref failures) >= 0 ? 503 : 200;
            return Task.CompletedTask;
        });
        linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", port));
        MeshHost client = await linkerd.StartClientAsync();

        failures = 1;
        using (HttpResponseMessage again = await SendAsync(client, "/"))
        {
            Assert.Equal((HttpStatusCode.OK, 2), (again.StatusCode, again.GetMeshCallInfo()!.Attempts.Count));
        }

        linkerd.Set(("Services:catalog:Retry:MaxRetries", "0"), ("Services:catalog:FailureAccrual:MaxFailures", "3"));
        await Eventually.TrueAsync(() => client.Service().Snapshot.Policy is { Retry.MaxRetries: 0, FailureAccrual.MaxFailures: 3 });
        failures = 1;
        using HttpResponseMessage once = await SendAsync(client, "/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1), (once.StatusCode, once.GetMeshCallInfo()!.Attempts.Count));
    }

    /// <summary>Linkerd has no hashing: a section of the client's own adds it to what the control plane says.</summary>
    [Fact]
    public async Task Call_ByHash_StaysAtItsEndpoint()
    {
        await using EmbeddedLinkerd linkerd = await EmbeddedLinkerd.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            linkerd.Set(EmbeddedLinkerd.Endpoint("catalog", await linkerd.StartInstanceAsync($"{i}"), i));
        }

        MeshHost client = await linkerd.StartClientAsync(("Services:catalog:LoadBalancing:HashOn:0:Header", "x-user"));
        var answers = new HashSet<string>();
        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage response = await SendAsync(client, "/", ("x-user", "amy"));
            answers.Add(await response.Content.ReadAsStringAsync(Stop));
        }

        Assert.Single(answers);
        Assert.Equal(LoadBalancingAlgorithm.Maglev, client.Service().Snapshot.Policy.LoadBalancing.Algorithm);
    }

    private static async Task<HttpResponseMessage> SendAsync(MeshHost client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await client.Client().SendAsync(request, Stop);
    }

    // Each call also shows that none fails while things change.
    private static async Task UntilAsync(MeshHost client, string path, Func<HttpResponseMessage, Task<bool>> expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            using HttpResponseMessage response = await SendAsync(client, path);
            if (await expected(response))
            {
                return;
            }
        }
    }

    private static (string Key, string? Value)[] Nothing((string Key, string? Value)[] settings) =>
        Array.ConvertAll(settings, setting => (setting.Key, (string?)null));
}

using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Balancing;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>A balancer of the application: what it is told, and that everything around a pick works with it.</summary>
public sealed class CustomBalancerTests
{
    private static readonly string[] Zones = ["\"Zone\": \"a\"", "\"Zone\": \"a\"", "\"Zone\": \"b\""];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_Nearest_TakesItsOwnZoneAndSpillsOverWhenThatIsBusy()
    {
        await using PolicyMesh mesh = await PolicyMesh.StartAsync(
            """{ "Policy": "nearest" }""", Zones, configure: b => b.AddLoadBalancer("Nearest", _ => new NearestBalancer("a", busy: 2)));

        await mesh.HoldAsync();
        await mesh.HoldAsync();
        Assert.Equal([1, 1, 0], mesh.Backends.Select(backend => backend.Hits));
        await mesh.HoldAsync();
        await mesh.HoldAsync();
        Assert.Equal([2, 2, 0], mesh.Backends.Select(backend => backend.Hits));

        MeshAttempt far = await mesh.GetAsync();
        Assert.Equal((mesh.Backends[2].Address, PickReason.Custom, "spilled over"), (far.Endpoint, far.Reason, far.ReasonText));
        mesh.Release();
        await Eventually.TrueAsync(() => mesh.Host.Service().Snapshot.Endpoints.All(endpoint => endpoint.Load.Pending == 0));
        MeshAttempt near = await mesh.GetAsync();
        Assert.NotEqual(far.Endpoint, near.Endpoint);
        Assert.Equal((PickReason.Custom, "near"), (near.Reason, near.ReasonText));
    }

    [Fact]
    public async Task Send_PickedCannotBeReached_AsksForAnother()
    {
        await using Backend far = await Backend.StartAsync();
        var nearest = new Watched(new NearestBalancer("a"));
        await using MeshHost mesh = await StartAsync([(DeadPort.TakeAddress(), "a"), (far.Address, "b")], nearest);

        MeshCallInfo call = await GetAsync(mesh);

        Assert.Equal(["near", "spilled over"], call.Attempts.Select(attempt => attempt.ReasonText));
        Assert.Equal([AttemptResult.ConnectFailure, AttemptResult.Success], call.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["1 ++ --", "2 -+ T-"], nearest.Seen.Select(Sorted(mesh, far.Address)));
    }

    [Fact]
    public async Task Send_NonePickedAfterATry_AsksAgainAsIfNothingHadBeenTried()
    {
        await using Backend far = await Backend.StartAsync();
        var reluctant = new Watched(new Reluctant());
        await using MeshHost mesh = await StartAsync([(DeadPort.TakeAddress(), "a"), (far.Address, "b")], reluctant);

        MeshCallInfo call = await GetAsync(mesh);

        Assert.Equal([AttemptResult.ConnectFailure, AttemptResult.Success], call.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["1 ++ --", "2 -+ T-", "2 -+ --"], reluctant.Seen.Select(Sorted(mesh, far.Address)));
    }

    [Fact]
    public async Task Send_RetriedAfterAFailure_SeesWhatWasTried()
    {
        await using Backend near = await Backend.StartAsync(503);
        await using Backend far = await Backend.StartAsync();
        var nearest = new Watched(new NearestBalancer("a"));
        await using MeshHost mesh = await StartAsync([(near.Address, "a"), (far.Address, "b")], nearest);

        MeshCallInfo call = await GetAsync(mesh);

        Assert.Equal([(503, "near"), (200, "spilled over")], call.Attempts.Select(a => (a.Status!.Value, a.ReasonText!)));
        Assert.Equal(["1 ++ --", "2 -+ T-"], nearest.Seen.Select(Sorted(mesh, far.Address)));
    }

    [Fact]
    public async Task Send_InPanic_ShutEndpointsMayBePickedAndTheReasonSaysSo()
    {
        await using Backend one = await Backend.StartAsync(500);
        await using MeshHost mesh = await StartAsync(
            [(one.Address, "a"), (DeadPort.TakeAddress(), "b")],
            new NearestBalancer("a"),
            ("FailureAccrual:MaxFailures", "1"),
            ("FailureAccrual:MinPenalty", "00:01:00"));
        await Eventually.TrueAsync(() => mesh.Snapshot()?.Endpoints.Length == 2);
        (await mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation)).Dispose();
        Assert.True(mesh.Endpoint(one.Address).IsEjected);

        // Half is shut; with the other half out of reach none would be left.
        mesh.Snapshot()!.Endpoints.Single(endpoint => endpoint.Address.Text != one.Address).ConnectFailed("nobody there");
        MeshAttempt attempt = (await GetAsync(mesh)).Attempts[^1];

        Assert.Equal((one.Address, PickReason.Panic, "near"), (attempt.Endpoint, attempt.Reason, attempt.ReasonText));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_CallHasAKey_BalancerGetsItsHash(bool fromHeader)
    {
        await using Backend one = await Backend.StartAsync();
        var seen = new Watched(new NearestBalancer("a"));
        await using MeshHost mesh = await StartAsync(
            [(one.Address, "a")], seen, fromHeader ? ("LoadBalancing:HashOn:0:Header", "x-user") : ("LoadBalancing:TableSize", "251"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items");
        request.Headers.Add("x-user", "ann");
        if (!fromHeader)
        {
            request.SetMeshHashKey("ann");
        }

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);
        await GetAsync(mesh);

        Assert.Equal(PickReason.Custom, response.GetMeshCallInfo()!.Attempts.Single().Reason);
        Assert.Equal([RequestHash.Of("ann"), null], seen.Hashes);
        Assert.Equal("/items", seen.Paths[0]);
        Assert.Equal("catalog.default.svc.cluster.local:80", seen.Service);
    }

    [Fact]
    public async Task Send_Grpc_BalancerGetsTheKeysHashAndTheCallTellsItsWords()
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("one"));
        var seen = new Watched(new NearestBalancer("a"));
        await using MeshHost mesh = await StartAsync([(server.Address.Authority, "a")], seen);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), new CallOptions(cancellationToken: Cancellation).WithMeshHashKey("ann").WithMeshCallInfo());
        await call;

        MeshAttempt attempt = (await call.ResponseHeadersAsync).GetMeshCallInfo()!.Attempts.Single();
        Assert.Equal((PickReason.Custom, "near"), (attempt.Reason, attempt.ReasonText));
        Assert.Equal([RequestHash.Of("ann")], seen.Hashes);
    }

    [Fact]
    public async Task Send_EndpointsAreTheSameObject_UntilTheyChange()
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        var seen = new Watched(new NearestBalancer("a"));
        await using MeshHost mesh = await StartAsync([(one.Address, "a"), (two.Address, "b")], seen);
        await GetAsync(mesh);
        await GetAsync(mesh);

        // Another setting, and the same endpoints in another order: nothing that a balancer sees.
        mesh.Set(("Services:catalog:Retry:MaxRetries", "3"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Policy.Retry.MaxRetries == 3);
        await GetAsync(mesh);
        mesh.Set(Catalog([(two.Address, "b"), (one.Address, "a")]));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Set.Endpoints[0].Address.Text == two.Address);
        await GetAsync(mesh);
        Assert.Single(seen.Lists.Distinct(ReferenceEqualityComparer.Instance));

        mesh.Set(("Services:catalog:Endpoints:0:Labels:version", "2"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Set.Endpoints[0].Labels.Count == 1);
        await GetAsync(mesh);
        Assert.NotSame(seen.Lists[0], seen.Lists[^1]);
        Assert.Equal("2", seen.Lists[^1].Single(endpoint => endpoint.Address == two.Address).Labels["version"]);
    }

    [Fact]
    public void Documentation_ShowsTheBalancerAsItIs()
    {
        string code = Read("NearestBalancer.cs");
        string balancer = code[code.IndexOf("public sealed class", StringComparison.Ordinal)..].Trim();
        Assert.InRange(balancer.Split('\n').Length, 15, 25);
        Assert.Contains(balancer, Read("balancing.md"), StringComparison.Ordinal);

        static string Read(string name)
        {
            using var reader = new StreamReader(typeof(CustomBalancerTests).Assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd().ReplaceLineEndings("\n");
        }
    }

    private static Task<MeshHost> StartAsync(
        (string Address, string Zone)[] endpoints, ILoadBalancer balancer, params (string Key, string? Value)[] more) =>
        MeshHost.StartAsync(
            [.. Catalog(endpoints), .. more.Select(setting => ($"Services:catalog:{setting.Key}", setting.Value))],
            services => services.AddMeshClient(_ => { }).AddLoadBalancer("Nearest", _ => balancer));

    private static IEnumerable<(string Key, string? Value)> Catalog((string Address, string Zone)[] endpoints) =>
    [
        ("Services:catalog:LoadBalancing:Policy", "Nearest"),
        .. endpoints.Select((endpoint, i) => ($"Services:catalog:Endpoints:{i}:Address", (string?)endpoint.Address)),
        .. endpoints.Select((endpoint, i) => ($"Services:catalog:Endpoints:{i}:Zone", (string?)endpoint.Zone)),
    ];

    private static async Task<MeshCallInfo> GetAsync(MeshHost mesh)
    {
        using HttpResponseMessage response = await mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation);
        return response.GetMeshCallInfo()!;
    }

    // What was seen of two endpoints, the far one last.
    private static Func<string, string> Sorted(MeshHost mesh, string far) => seen =>
    {
        bool isLast = mesh.Snapshot()!.Endpoints[1].Address.Text == far;
        return isLast ? seen : $"{seen[..2]}{seen[3]}{seen[2]} {seen[6]}{seen[5]}";
    };

    /// <summary>Picks none where one was tried.</summary>
    private sealed class Reluctant : ILoadBalancer
    {
        private readonly NearestBalancer _nearest = new("a");

        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            for (int i = 0; i < context.Endpoints.Count; i++)
            {
                if (context.WasTried(i))
                {
                    return LoadBalancerPick.None;
                }
            }

            return _nearest.Pick(in context);
        }
    }

    /// <summary>Keeps what a balancer was told.</summary>
    private sealed class Watched(ILoadBalancer inner) : ILoadBalancer
    {
        public List<IReadOnlyList<MeshEndpoint>> Lists { get; } = [];

        public List<ulong?> Hashes { get; } = [];

        public List<string> Paths { get; } = [];

        /// <summary>The attempt, then for each endpoint whether it may be picked, then whether it was tried.</summary>
        public List<string> Seen { get; } = [];

        public string? Service { get; private set; }

        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            Service = context.Service;
            Lists.Add(context.Endpoints);
            Hashes.Add(context.Hash);
            Paths.Add(context.Request.RequestUri!.AbsolutePath);
            string can = "";
            string tried = "";
            for (int i = 0; i < context.Endpoints.Count; i++)
            {
                can += context.CanPick(i) ? '+' : '-';
                tried += context.WasTried(i) ? 'T' : '-';
            }

            Seen.Add($"{context.Attempt} {can} {tried}");
            return inner.Pick(in context);
        }
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>What a control plane shows of its clients and of the services that it serves them.</summary>
public sealed class ServedStatusTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_WithTheirStreams_AndServicesByTheirSources()
    {
        await using StatusApp app = await StartAsync(new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });
        await using MeshServer instance = await RegistryHost.StartInstanceAsync(app.Address.Port, "catalog", "catalog-1");
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        using AsyncServerStreamingCall<Update> orders = Get(channel, "orders", """{"ns":"shop","nodeName":"node-1","pod":"web-1"}""");
        Assert.True(await orders.ResponseStream.MoveNext(Stop));
        await Eventually.TrueAsync(async () => (await ServedAsync(app)).GetProperty("services").GetArrayLength() == 2);

        JsonElement served = await ServedAsync(app);
        JsonElement client = Assert.Single(served.GetProperty("clients").EnumerateArray());
        string text = await app.TextAsync("/mesh");

        // On one machine without certificates a server's registration and a client's streams are one process's.
        Assert.Equal(
            ("127.0.0.1", "shop", "web-1", "node-1", 1, 1),
            (Text(client, "address"), Text(client, "namespace"), Text(client, "pod"), Text(client, "node"),
                client.GetProperty("streams").GetProperty("endpoints").GetInt32(),
                client.GetProperty("streams").GetProperty("registration").GetInt32()));
        Assert.Equal(
            ["orders.default.svc.cluster.local:80 1 1 configuration", "catalog.default.svc.cluster.local 1 0 registry"],
            served.GetProperty("services").EnumerateArray().Select(service =>
                $"{Text(service, "name")} {service.GetProperty("endpoints")} {service.GetProperty("clients")} {Text(service, "source")}"));
        Assert.Contains("\nCLIENTS\nCLIENT ", text, StringComparison.Ordinal);
        Assert.Matches(@"127\.0\.0\.1 +shop/web-1 +node-1 +\d+s +endpoints 1, registration 1 +catalog\.default", text);
        Assert.Matches(
            @"\nSERVED\nNAME +ENDPOINTS +IDENTITY +ROUTES +CLIENTS +SOURCE +AGE\n"
                + @"orders\S+ +1 +- +0 +1 +configuration +\d+s\ncatalog\S+ +1 +- +0 +0 +registry +-\n",
            text);
        Assert.All(
            ["certificates", "authority", "injector"], absent => Assert.False(served.TryGetProperty(absent, out _), absent));
    }

    [Fact]
    public async Task AProcess_OfPoliciesEndpointsAndARegistration_OnANode_IsOneClient()
    {
        await using Backend backend = await Backend.StartAsync();
        await using StatusApp app = await StartAsync(new() { ["Services:orders:Endpoints:0:Address"] = backend.Address });
        await using MeshServer instance = await RegistryHost.StartInstanceAsync(
            app.Address.Port,
            "web",
            "web-1",
            settings: [("ControlPlane:Policies", "true"), ("Namespace", "shop")],
            configure: builder =>
            {
                builder.Services.AddSingleton(new LinkerdEnvironment(
                    name => name is LinkerdEnvironment.Pod ? "web-1" : name is LinkerdEnvironment.Node ? "node-1" : null, "/nowhere"));
                builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
                builder.Services.AddHttpClient("mesh").UseMesh();
            });
        using HttpClient mesh = instance.Services.GetRequiredService<IHttpClientFactory>().CreateClient("mesh");
        using HttpResponseMessage response = await mesh.GetAsync(new Uri("http://orders.default"), Stop);
        JsonElement served = default;
        await Eventually.TrueAsync(async () => (served = await ServedAsync(app)).GetProperty("clients").EnumerateArray()
            .Sum(client => client.GetProperty("streams").EnumerateObject().Count()) >= 3);

        JsonElement client = Assert.Single(served.GetProperty("clients").EnumerateArray());
        Assert.Equal(("shop", "web-1", "node-1"), (Text(client, "namespace"), Text(client, "pod"), Text(client, "node")));
        Assert.Equal(
            ["endpoints", "policy", "registration"],
            client.GetProperty("streams").EnumerateObject().Select(stream => stream.Name).Where(name => name != "profile").Order());
        JsonElement orders = served.GetProperty("services").EnumerateArray().First();
        Assert.Equal(
            ("orders.default.svc.cluster.local:80", 1), (Text(orders, "name"), orders.GetProperty("clients").GetInt32()));
    }

    [Fact]
    public async Task AService_HasItsEndpoints_WhoIsExpected_ItsRoutesAndBalancing()
    {
        const string Identity = "orders.shop.serviceaccount.identity.linkerd.cluster.local";
        var settings = new MeshSettings
        {
            ["Services:orders:LoadBalancing:HashOn:0:Header"] = "x-user",
            ["Services:orders:Routes:0:Name"] = "items",
            ["Services:orders:Routes:0:Match:Path:Prefix"] = "/items",
            ["Services:orders:Routes:0:Backends:0:Service"] = "orders",
            ["Services:orders:Routes:1:Name"] = "rest",
            ["Services:orders:Routes:1:Backends:0:Service"] = "orders",
        };
        for (int i = 0; i < 30; i++)
        {
            settings[$"Services:orders:Endpoints:{i}:Address"] = $"10.0.0.{i}:80";
            settings[$"Services:orders:Endpoints:{i}:Identity"] = Identity;
            settings[$"Services:orders:Endpoints:{i}:Zone"] = "north";
        }

        await using StatusApp app = await StartAsync(settings);
        JsonElement orders = Assert.Single((await ServedAsync(app)).GetProperty("services").EnumerateArray());
        string text = await app.TextAsync("/mesh");

        Assert.Equal(
            (30, 20, 10, "10.0.0.0:80  north"),
            (orders.GetProperty("endpoints").GetInt32(), orders.GetProperty("addresses").GetArrayLength(),
                orders.GetProperty("endpointsOmitted").GetInt32(),
                orders.GetProperty("addresses")[0] is var first
                    ? $"{Text(first, "address")} {Text(first, "identity")} {Text(first, "zone")}" : ""));
        Assert.Equal(
            ("known", "Maglev by header x-user, endpoints by Address", Identity, "items, rest"),
            (Text(orders, "discovery"), Text(orders, "balancing"),
                Assert.Single(orders.GetProperty("identities").EnumerateArray()).GetString(),
                string.Join(", ", orders.GetProperty("routes").EnumerateArray())));
        Assert.Matches($@"\norders\S+ +30 +{Identity} +2 +0 +configuration +-\n", text);
        Assert.Matches(
            @"\norders\S+ +Maglev by header x-user, endpoints by Address +items, rest +10\.0\.0\.0:80 north, .* and 27 more\n", text);
    }

    [Fact]
    public async Task AService_ThatIsKnownNoMore_IsNotShownWithWhatItHad()
    {
        var source = new ManualSource();
        await using StatusApp app = await StartAsync([], source);
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        var tally = new EndpointTally();
        tally.Set(2, 3);
        source.Set(EndpointSet.Known([At(1), At(2)]) with { Tally = tally });
        using AsyncServerStreamingCall<Update> orders = Get(channel, "orders", "shop:web");
        Assert.True(await orders.ResponseStream.MoveNext(Stop));
        await Eventually.TrueAsync(async () => (await app.TextAsync("/mesh")).Contains(" 2/3 ", StringComparison.Ordinal));

        // Whoever was told before keeps what it has.
        source.Set(EndpointSet.Unknown());
        await Eventually.TrueAsync(async () => Text(await OrdersAsync(app), "discovery") == "unknown");
        Assert.Equal(2, (await OrdersAsync(app)).GetProperty("endpoints").GetInt32());

        // Another client asks while the first still has its stream, and is the first to hear it.
        source.SetForNew(EndpointSet.Refused("it has no port 80"));
        using AsyncServerStreamingCall<Update> late = Get(channel, "orders", "shop:late");
        RpcException gone = await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.NotFound, gone.StatusCode);
        JsonElement left = await OrdersAsync(app);
        Assert.Equal(
            ("refused", "it has no port 80", false),
            (Text(left, "discovery"), Text(left, "problem"), left.TryGetProperty("endpoints", out _)));
        Assert.Matches(@"\norders\S+ +refused +- +- +1 +memory +\d+s\n", await app.TextAsync("/mesh"));
    }

    [Fact]
    public async Task StreamsThatTellNoNode_AreTheSameClients()
    {
        await using StatusApp app = await StartAsync(new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        using AsyncServerStreamingCall<Update> without = Get(channel, "orders", """{"ns":"shop","pod":"web-1"}""");
        using AsyncServerStreamingCall<Update> with = Get(channel, "orders", """{"ns":"shop","nodeName":"node-1","pod":"web-1"}""");
        Assert.True(await without.ResponseStream.MoveNext(Stop));
        Assert.True(await with.ResponseStream.MoveNext(Stop));

        JsonElement served = await ServedAsync(app);
        JsonElement client = Assert.Single(served.GetProperty("clients").EnumerateArray());
        Assert.Equal(
            ("node-1", 2, 1),
            (Text(client, "node"), client.GetProperty("streams").GetProperty("endpoints").GetInt32(),
                Assert.Single(served.GetProperty("services").EnumerateArray()).GetProperty("clients").GetInt32()));
    }

    [Fact]
    public async Task VeryManyClients_AreBounded_AndGoneWhenTheyAre()
    {
        await using StatusApp app = await StartAsync(new()
        {
            ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80",
            ["ControlPlaneLimits:Streams"] = "250",
        });
        using (GrpcChannel channel = GrpcChannel.ForAddress(app.Address))
        {
            AsyncServerStreamingCall<Update>[] open =
                [.. Enumerable.Range(0, 250).Select(i => Get(channel, "orders", $$"""{"ns":"shop","pod":"web-{{i}}\u001b"}"""))];
            await Eventually.TrueAsync(async () => (await ServedAsync(app)) is var all
                && all.GetProperty("clients").GetArrayLength() == 200 && all.GetProperty("clientsOmitted").GetInt32() == 50);
            using AsyncServerStreamingCall<Update> surplus = Get(channel, "orders", "shop:web");
            await Assert.ThrowsAsync<RpcException>(() => surplus.ResponseStream.MoveNext(Stop));

            string text = await app.TextAsync("/mesh");
            Assert.Contains("\nand 50 more\n! 1 requests were refused, beyond Mesh:ControlPlaneLimits\n", text, StringComparison.Ordinal);
            Assert.Contains("Mesh:ControlPlaneLimits:Streams", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
            Array.ForEach(open, stream => stream.Dispose());
        }

        await Eventually.TrueAsync(async () => (await ServedAsync(app)).GetProperty("clients").GetArrayLength() == 0);
    }

    [Fact]
    public async Task NoControlPlane_HasNoSuchSection()
    {
        await using StatusApp app = await StatusApp.StartAsync([]);

        Assert.False((await app.JsonAsync("/mesh")).TryGetProperty("served", out _));
        Assert.DoesNotContain("\nCLIENTS\n", await app.TextAsync("/mesh"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VeryManyServices_OfManyEndpointsAndClients_AreBounded()
    {
        const string Identity = "a-service-of-some-length.shop.serviceaccount.identity.linkerd.cluster.local";
        Assert.True(WorkloadIdentity.TryParse(Identity, out WorkloadIdentity? identity));
        var transport = new EndpointTransport(Framing.MeshTls) { Peer = PeerIdentity.Of(identity) };
        ManualSource source = new ManualSource().Set(EndpointSet.Known(
            [.. Enumerable.Range(1, 30).Select(i => At(i) with { Zone = "eu-central-1a", Transport = transport })]));
        await using StatusApp app = await StartAsync([], source);
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        AsyncServerStreamingCall<Update>[] open =
        [
            .. Enumerable.Range(0, 1250).Select(i => Get(
                channel, $"a-service-of-some-length-{((i % 250) + (i / 250)) % 250}", $$"""{"ns":"shop","pod":"web-7c9d8f6b5d-{{i % 250}}","nodeName":"node-{{i}}"}""")),
        ];
        JsonElement served = default;
        await Eventually.TrueAsync(async () => (served = await ServedAsync(app)).GetProperty("clientsOmitted").GetInt32() == 50
            && served.GetProperty("services").EnumerateArray().All(service => service.TryGetProperty("since", out _)));
        string json = await app.TextAsync("/mesh", "application/json");
        string text = await app.TextAsync("/mesh");

        Assert.True(json.Length <= 160_000, $"{json.Length} bytes of JSON");
        Assert.True(text.Length <= 160_000, $"{text.Length} bytes of text");
        Assert.Equal((200, 50), (served.GetProperty("services").GetArrayLength(), served.GetProperty("servicesOmitted").GetInt32()));
        Assert.All(served.GetProperty("services").EnumerateArray(), service => Assert.Equal(
            30, service.GetProperty("addresses").GetArrayLength() + service.GetProperty("endpointsOmitted").GetInt32()));
        Array.ForEach(open, stream => stream.Dispose());
    }

    [Fact]
    public async Task AuthorityAndInjector_AreShown_WithoutSecrets()
    {
        const string Planted = "pl4nted";
        using var folder = new TemporaryFolder();
        await using StatusApp app = await StartAsync(new()
        {
            ["Authority:Directory"] = folder.File("ca"),
            ["Identity:Source"] = "None",
        }, injector: true);
        using var client = new HttpClient { BaseAddress = app.Address };
        using HttpResponseMessage refused = await client.PostAsync("/mesh/inject", new StringContent($"{{ {Planted}", null, "application/json"), Stop);
        MeshAuthority authority = app.Services.GetRequiredService<MeshAuthority>();
        authority.Note($"the issuer is of no use: password={Planted}");
        JsonElement served = await ServedAsync(app);
        string json = await app.TextAsync("/mesh", "application/json");
        string text = await app.TextAsync("/mesh");

        JsonElement shown = served.GetProperty("authority");
        AuthorityState state = authority.State;
        Assert.Equal(
            (state.Source, true, state.Issuer!.Subject, state.NotAfter, 1),
            (Text(shown, "source"), shown.GetProperty("signs").GetBoolean(), Text(shown, "issuer"),
                shown.GetProperty("validUntil").GetDateTimeOffset(), shown.GetProperty("anchors").GetArrayLength()));
        Assert.Equal("(not shown)", Text(shown, "problem"));
        Assert.Equal(
            """{"injected":0,"unchanged":0,"disabled":0,"skipped":0,"refused":1}""", served.GetProperty("injector").GetRawText());
        Assert.Matches($@"\nAUTHORITY\nISSUER +SOURCE +SIGNS .*\n{Regex.Escape(state.Issuer.Subject)} +directory \S+ +yes ", text);
        Assert.Contains("\n! (not shown)\nANCHOR ", text, StringComparison.Ordinal);
        Assert.Contains("\nINJECTOR\npods injected 0, unchanged 0, disabled 0, skipped 0, refused 1\n", text, StringComparison.Ordinal);
        string token = File.ReadAllText(Path.Combine(folder.File("ca"), "token")).Trim();
        Assert.All(
            [Planted, token, "PRIVATE KEY"],
            secret => Assert.DoesNotContain(secret, json + text, StringComparison.Ordinal));
    }

    private static Task<StatusApp> StartAsync(MeshSettings settings, IEndpointSource? source = null, bool injector = false) =>
        StatusApp.StartAsync(
        settings,
        map: app =>
        {
            app.MapMeshStatus();
            app.MapMeshControlPlane();
            if (injector)
            {
                // Otherwise it answers on its own endpoint only.
                app.Use((context, next) =>
                {
                    context.Features.Set(InjectorConnection.Instance);
                    return next(context);
                });
                app.MapMeshInjector();
            }
        },
        configure: builder =>
        {
            // Takes gRPC and HTTP/1.1 by one port.
            builder.AddMeshServer();
            if (source is not null)
            {
                builder.Services.AddSingleton(source);
            }

            builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        });

    private static async Task<JsonElement> OrdersAsync(StatusApp app) =>
        (await ServedAsync(app)).GetProperty("services").EnumerateArray().First();

    private static Endpoint At(int i)
    {
        Assert.True(EndpointAddress.TryParse($"10.0.0.{i}:80", out EndpointAddress? address));
        return new Endpoint(address);
    }

    private static async Task<JsonElement> ServedAsync(StatusApp app) => (await app.JsonAsync("/mesh")).GetProperty("served");

    private static string? Text(JsonElement at, string name) => at.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static AsyncServerStreamingCall<Update> Get(GrpcChannel channel, string service, string token) =>
        new Destination.DestinationClient(channel).Get(
            new GetDestination { Path = $"{service}.default.svc.cluster.local:80", ContextToken = token }, cancellationToken: Stop);
}

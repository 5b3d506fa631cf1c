using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Linkerd;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary><c>Mesh:Telemetry:LinkerdNames</c>: the families of Linkerd's proxy, of real calls.</summary>
public sealed class LinkerdNamesTests
{
    private const string Balancer = "outbound_http_balancer";
    private const string Gate = $"{Balancer}_queue_gate";

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Families_HaveTheirNamesAndBuckets()
    {
        await using MeshHost mesh = await StartAsync(["127.0.0.1:9"]);
        using var recorder = new LinkerdRecorder(mesh);

        string[] routes = [.. new[] { "http", "grpc" }.SelectMany(protocol => new[]
        {
            "request_duration_seconds", "request_statuses_total", "request_frame_size_bytes", "backend_requests_total",
            "backend_response_duration_seconds", "backend_response_statuses_total", "backend_response_frame_size_bytes",
            "retry_requests_total", "retry_successes_total", "retry_overflow_total", "retry_limit_exceeded_total",
        }.Select(name => $"outbound_{protocol}_route_{name}"))];
        Assert.Equal(
            Order(
            [
                .. routes, "outbound_http_errors_total", $"{Balancer}_endpoints", $"{Balancer}_p2c_endpoints",
                $"{Balancer}_p2c_updates_total", $"{Balancer}_queue_length", $"{Balancer}_queue_requests_total",
                $"{Balancer}_queue_latency_seconds", $"{Gate}_open_total", $"{Gate}_shut_total", $"{Gate}_open_time_seconds",
                $"{Gate}_shut_time_seconds", $"{Gate}_timeout_seconds", "request_total", "response_total", "response_latency_ms",
                "route_request_total", "route_response_total", "route_response_latency_ms", "route_actual_request_total",
                "route_actual_response_total", "route_retryable_total", "tcp_open_total", "tcp_open_connections", "tcp_close_total",
                "tcp_read_bytes_total", "tcp_write_bytes_total", "outbound_tcp_transfer_cost_total",
                "control_identity_cert_expiration_timestamp_seconds", "control_identity_cert_refresh_timestamp_seconds",
                "control_identity_cert_refreshes_total",
            ]),
            Order(recorder.Names));
        Assert.Equal([128, 1024, 10240], recorder.Buckets("outbound_http_route_request_frame_size_bytes"));
        Assert.Equal([128, 1024, 10240], recorder.Buckets("outbound_grpc_route_backend_response_frame_size_bytes"));
        Assert.Equal([.0005, .005, .05, .5, 1, 3], recorder.Buckets($"{Balancer}_queue_latency_seconds"));
        double[] milliseconds =
        [
            1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000, 10000, 20000, 30000, 40000, 50000,
        ];
        Assert.Equal(milliseconds, recorder.Buckets("response_latency_ms"));
        Assert.Equal(milliseconds, recorder.Buckets("route_response_latency_ms"));
    }

    /// <summary>A frame is one write of the request's body, and one read of the response's, whatever the contents.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_AreWhatPasses(bool streamed)
    {
        await using Backend good = await Backend.StartAsync(context => context.Response.WriteAsync(new string('b', 700)));
        await using MeshHost mesh = await StartAsync([good.Address]);
        using var recorder = new LinkerdRecorder(mesh);
        byte[] body = new byte[300];
        using HttpContent content = streamed ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);

        using HttpResponseMessage response = await mesh.Client().PostAsync("/", content, Cancellation);

        (double size, Dictionary<string, object?> tags) = Assert.Single(recorder.All("outbound_http_route_request_frame_size_bytes"));
        Assert.Equal((300, "catalog", "http"), (size, tags["parent_name"], tags["route_name"]));
        Assert.False(tags.ContainsKey("backend_name"));
        Assert.Equal(700, recorder.Sum("outbound_http_route_backend_response_frame_size_bytes"));
        Assert.Equal("catalog", recorder.All("outbound_http_route_backend_response_frame_size_bytes")[0].Tags["backend_name"]);
        Assert.Equal(new string('\0', 300), Assert.Single(good.Bodies));
    }

    [Fact]
    public async Task Frames_OfARetry_AreNotSentByTheCallerAgain()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(
            [bad.Address, good.Address], catalog => catalog.Retry = new RetryOptions { Methods = ["PUT"] });
        using var recorder = new LinkerdRecorder(mesh);

        using HttpResponseMessage response = await mesh.SendToAsync(bad.Address, HttpMethod.Put, new ByteArrayContent(new byte[300]));

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal((1, 1), (bad.Hits, good.Hits));
        Assert.Equal(300, recorder.Sum("outbound_http_route_request_frame_size_bytes"));
    }

    /// <summary>Who listens to other names only does not have the request's content looked at.</summary>
    [Fact]
    public async Task Frames_NotListenedTo_LeaveTheContentAsItIs()
    {
        using HttpContent content = new ByteArrayContent(new byte[300]);
        HttpRequestMessage? request = null;
        HttpContent? sent = null;
        await using Backend good = await Backend.StartAsync(context =>
        {
            sent = request!.Content;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await StartAsync([good.Address]);
        LinkerdMetrics names = mesh.Services.GetRequiredService<LinkerdMetrics>();
        using var all = new LinkerdRecorder(mesh);
        Assert.True(names is { IsEnabled: true, WatchesRequests: true });
        await PostAsync();
        Assert.IsNotType<ByteArrayContent>(sent);

        all.Dispose();
        using var others = new LinkerdRecorder(mesh, "request_frame_size_bytes", "backend_response_duration_seconds");
        Assert.True(names is { IsEnabled: true, WatchesRequests: false });
        await PostAsync();

        Assert.Same(content, sent);
        Assert.Equal(1, others.Sum("request_total"));
        Assert.Empty(others.All("outbound_http_route_request_frame_size_bytes"));

        async Task PostAsync()
        {
            request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
            (await mesh.Client().SendAsync(request, Cancellation)).Dispose();
        }
    }

    [Fact]
    public async Task Retries_ThatTheLimitEnds_AreNoOverflow()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync([bad.Address]);
        using var recorder = new LinkerdRecorder(mesh);

        Task<HttpResponseMessage> call = mesh.GetFromAsync(bad.Address);
        await call.EndsAsync(_clock);
        (await call).Dispose();

        Assert.Equal(1, recorder.Sum("outbound_http_route_retry_requests_total"));
        Assert.Equal(1, recorder.Sum("outbound_http_route_retry_limit_exceeded_total"));
        Assert.Equal(0, recorder.Sum("outbound_http_route_retry_overflow_total"));
    }

    [Fact]
    public async Task Retries_ThatTheBodyForbids_AreNoOverflow_ThoseThatTheBudgetDoesAre()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync(
            [bad.Address],
            catalog => catalog.Retry = new RetryOptions
            {
                Methods = ["PUT", "GET"],
                Budget = new RetryBudgetOptions { Ratio = 0, MinPerSecond = 0 },
            });
        using var recorder = new LinkerdRecorder(mesh);

        (await mesh.SendToAsync(bad.Address, HttpMethod.Put, new StreamContent(new MemoryStream(new byte[200_000])))).Dispose();
        Assert.Equal(0, recorder.Sum("outbound_http_route_retry_overflow_total"));
        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Assert.Equal(1, recorder.Sum("outbound_http_route_retry_overflow_total"));
        Assert.Equal(0, recorder.Sum("outbound_http_route_retry_limit_exceeded_total"));
    }

    [Fact]
    public async Task Balancer_TellsOfItsEndpointsAndItsGate()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Telemetry:LinkerdNames", "true"), ("Services:catalog:Endpoints:0:Address", good.Address)]);
        ServiceRuntime service = mesh.Service();
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints.Length == 1);
        using var recorder = new LinkerdRecorder(mesh);
        Assert.Equal((1, 1, 0), (One($"{Balancer}_p2c_endpoints"), One($"{Gate}_open_total"), One($"{Gate}_shut_total")));
        Assert.Equal((0, 3), (One($"{Gate}_shut_time_seconds"), One($"{Gate}_timeout_seconds")));
        Assert.InRange(One($"{Gate}_open_time_seconds"), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), double.MaxValue);
        Assert.Equal([("Reset", 1), ("Add", 0), ("Remove", 0)], Updates());

        mesh.Set(("Services:catalog:Endpoints:1:Address", "127.0.0.1:9"));
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints.Length == 2);
        Assert.Equal([("Reset", 1), ("Add", 1), ("Remove", 0)], Updates());

        mesh.Reload([("Telemetry:LinkerdNames", "true"), ("Services:catalog:Endpoints:0:Address", DeadPort.TakeAddress())]);
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints.Length == 1);
        Assert.Equal([("Reset", 1), ("Add", 2), ("Remove", 1)], Updates());
        Assert.Equal((1, 1, 0), (One($"{Balancer}_p2c_endpoints"), One($"{Gate}_open_total"), One($"{Gate}_shut_total")));

        // Nobody listens there: the only endpoint is found out of reach.
        await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));
        Assert.Equal((1, 1), (One($"{Gate}_open_total"), One($"{Gate}_shut_total")));
        Assert.Equal(0, One($"{Gate}_open_time_seconds"));
        Assert.InRange(One($"{Gate}_shut_time_seconds"), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), double.MaxValue);

        mesh.Set(("Services:catalog:Endpoints:0:Address", good.Address));
        await Eventually.TrueAsync(() => One($"{Gate}_open_total") == 2);

        double One(string name) => Assert.Single(recorder.Observe(name)).Value;

        (string, double)[] Updates() =>
            [.. recorder.Observe($"{Balancer}_p2c_updates_total").Select(told => ((string)told.Tags["op"]!, told.Value))];
    }

    [Fact]
    public async Task Queue_EveryCallPassesIt_AndFewWait()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([good.Address, DeadPort.TakeAddress()]);
        using var recorder = new LinkerdRecorder(mesh);

        (await mesh.GetFromAsync(good.Address)).Dispose();

        Assert.Equal((1, 0), (recorder.Sum($"{Balancer}_queue_requests_total"), recorder.Sum($"{Balancer}_queue_latency_seconds")));
        Assert.Equal("catalog", recorder.All($"{Balancer}_queue_latency_seconds").Single().Tags["backend_name"]);

        await using MeshHost empty = await StartAsync([]);
        using var waits = new LinkerdRecorder(empty);
        Task<HttpResponseMessage> call = empty.Client().GetAsync("/", Cancellation);
        await call.EndsAsync(_clock);
        await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal(1, waits.Sum($"{Balancer}_queue_requests_total"));
        Assert.InRange(waits.Sum($"{Balancer}_queue_latency_seconds"), 2.9, 3.2);
    }

    [Fact]
    public async Task Legacy_IsOfEachAttempt()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(
            [bad.Address, good.Address],
            catalog =>
            {
                catalog.Endpoints![1].Labels["deployment"] = "blue";
                catalog.Endpoints[1].Labels["pod"] = "catalog-1";
            });
        using var recorder = new LinkerdRecorder(mesh);

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Assert.Equal(2, recorder.Sum("request_total"));
        Assert.Equal(["503", "200"], recorder.Labels("response_total", "status_code"));
        Assert.Equal(["failure", "success"], recorder.Labels("response_total", "classification"));
        Assert.Equal(["-", "blue"], recorder.Labels("response_latency_ms", "dst_deployment"));
        Assert.Equal(["503", "200"], recorder.Labels("response_latency_ms", "status_code"));
        Assert.Equal(
            Order(["direction", "authority", "tls", "dst_deployment", "status_code", "classification", "grpc_status", "error"]),
            Order(recorder.All("response_total")[1].Tags.Keys));
        Dictionary<string, object?> tags = recorder.All("request_total")[1].Tags;
        Assert.Equal(
            ("outbound", "catalog.default.svc.cluster.local:80", "disabled"), (tags["direction"], tags["authority"], tags["tls"]));
        Assert.Empty(recorder.All("route_request_total"));
    }

    [Fact]
    public async Task Tcp_CountsConnectionsAndBytes()
    {
        await using Backend good = await Backend.StartAsync(context => context.Response.WriteAsync(new string('b', 5000)));
        MeshHost mesh = await StartAsync(
            [good.Address], catalog => catalog.Endpoints![0].Labels["zone_locality"] = "remote");
        using var recorder = new LinkerdRecorder(mesh);

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await mesh.Client().PostAsync("/", new ByteArrayContent(new byte[1000]), Cancellation);
            response.EnsureSuccessStatusCode();
        }

        (double opened, Dictionary<string, object?> tags) = Assert.Single(recorder.All("tcp_open_total"));
        Assert.Equal((1, 1, 0), (opened, recorder.Observe("tcp_open_connections").Single().Value, recorder.Sum("tcp_close_total")));
        Assert.Equal(("outbound", "dst", "disabled"), (tags["direction"], tags["peer"], tags["tls"]));
        Assert.InRange(recorder.Sum("tcp_write_bytes_total"), 3000, 5000);
        Assert.InRange(recorder.Sum("tcp_read_bytes_total"), 15_000, 17_000);
        ILookup<object?, double> costs =
            recorder.All("outbound_tcp_transfer_cost_total").ToLookup(told => told.Tags["op"], told => told.Value);
        Assert.Equal(recorder.Sum("tcp_write_bytes_total"), costs["Send"].Sum());
        Assert.Equal(recorder.Sum("tcp_read_bytes_total"), costs["Recv"].Sum());
        Assert.All(recorder.Labels("outbound_tcp_transfer_cost_total", "zone_locality"), zone => Assert.Equal("Remote", zone));

        await mesh.DisposeAsync();

        await Eventually.TrueAsync(() => recorder.Sum("tcp_close_total") == 1);
    }

    /// <summary>Below TLS: what is counted is what goes over the wire. Who it was is known.</summary>
    [Fact]
    public async Task Secured_SaysWhoItWas()
    {
        var ca = new TestCa();
        ManualCredentials credentials = ca.Issue(SecureMesh.Web, ca);
        await using MeshServer server = await MeshServer.StartAsync(
            ca.Issue(SecureMesh.Catalog, ca), map: app => app.MapGet("/", () => "ok"));
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [],
            catalog => catalog.Endpoints = [SecureMesh.At(server.Port)],
            configure: services => TurnOn(services)
                .AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, TimeProvider.System)));
        using var recorder = new LinkerdRecorder(mesh);

        using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);

        foreach (string name in new[] { "request_total", "tcp_open_total" })
        {
            Dictionary<string, object?> tags = Assert.Single(recorder.All(name)).Tags;
            Assert.Equal(("true", SecureMesh.Catalog), (tags["tls"], tags["server_id"]));
        }

        Assert.InRange(recorder.Sum("tcp_read_bytes_total"), 500, 100_000);
        Assert.Equal(["ok", "error"], recorder.Observe("control_identity_cert_refreshes_total").Select(told => told.Tags["result"]));
        Assert.Equal([1, 0], recorder.Observe("control_identity_cert_refreshes_total").Select(told => told.Value));
        double refreshed = Assert.Single(recorder.Observe("control_identity_cert_refresh_timestamp_seconds")).Value;
        Assert.InRange(refreshed, DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData(1, "items", 2, 0)]
    [InlineData(0, "items", 1, 1)]
    [InlineData(1, null, 1, 0)]
    public async Task Profile_HasItsOwnNames(int budget, string? route, int attempts, int skipped)
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync([bad.Address]);
        ServiceRuntime service = mesh.Service();
        RetryPolicy retry = RetryPolicy.Default with
        {
            Budget = RetryBudgetPolicy.Default with { MinPerSecond = budget, Ratio = 0 },
        };
        var items = new RoutePolicy("items")
        {
            Matches = [new RouteMatch { Path = new PathMatch(PathMatchKind.Prefix, "/items") }],
            Retry = retry,
        };
        LinkerdMesh.Publish(service, service.Snapshot.Policy with
        {
            Routing = new RoutingPolicy([items], new RoutePolicy("default") { Retry = retry with { MaxRetries = 0 } })
            {
                FirstMatch = true,
            },
        });
        using var recorder = new LinkerdRecorder(mesh);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync($"/{route}", Cancellation);
        await call.EndsAsync(_clock);
        (await call).Dispose();

        (double calls, Dictionary<string, object?> tags) = Assert.Single(recorder.All("route_request_total"));
        Assert.Equal(
            (1, "outbound", "catalog.default.svc.cluster.local:80", route),
            (calls, tags["direction"], tags["dst"], tags.GetValueOrDefault("rt_route")));
        Assert.Equal(attempts, recorder.Sum("route_actual_request_total"));
        Assert.Equal(attempts, recorder.Sum("route_actual_response_total"));
        Assert.Equal(["failure"], recorder.Labels("route_response_total", "classification"));
        Assert.Equal(["503"], recorder.Labels("route_response_latency_ms", "status_code"));
        Assert.Equal(skipped, recorder.Labels("route_retryable_total", "skipped").Count(label => label == "no_budget"));
        Assert.Equal(route is null ? 0 : 1, recorder.Labels("route_retryable_total", "skipped").Count(label => label == "-"));
    }

    [Fact]
    public async Task Grpc_HasItsStatusAndItsFrames()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([probe.Address]);
        using GrpcChannel channel = mesh.Channel();
        using var recorder = new LinkerdRecorder(mesh);

        await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);

        await Eventually.TrueAsync(() => recorder.All("response_total").Count == 1);
        Assert.Equal(["0"], recorder.Labels("response_total", "grpc_status"));
        Assert.Equal(["200"], recorder.Labels("response_total", "status_code"));
        Assert.Equal("grpc", recorder.All("outbound_grpc_route_request_frame_size_bytes")[0].Tags["route_name"]);
        Assert.NotEmpty(recorder.All("outbound_grpc_route_backend_response_frame_size_bytes"));
        Assert.Empty(recorder.All("outbound_http_route_request_frame_size_bytes"));
    }

    private Task<MeshHost> StartAsync(string[] endpoints, Action<MeshServiceOptions>? catalog = null) =>
        MeshHost.StartCatalogAsync(endpoints, catalog, _clock, services => TurnOn(services));

    private static IServiceCollection TurnOn(IServiceCollection services) =>
        services.Configure<MeshClientOptions>(options => options.Telemetry.LinkerdNames = true);

    private static string[] Order(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}

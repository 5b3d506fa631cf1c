using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Linkerd;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>What the status shows, in each face.</summary>
public sealed class StatusFaceTests(ITestOutputHelper output)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/mesh", "*/*", "text/plain")]
    [InlineData("/mesh", null, "text/plain")]
    [InlineData("/mesh", "application/json", "application/json")]
    [InlineData("/mesh", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html")]
    [InlineData("/mesh", "text/html;q=0.5, application/json", "application/json")]
    [InlineData("/mesh?format=json", "text/html", "application/json")]
    [InlineData("/mesh?format=html", "*/*", "text/html")]
    [InlineData("/mesh?format=text", "text/html", "text/plain")]
    [InlineData("/mesh/services/catalog", "application/json", "application/json")]
    [InlineData("/mesh/services/catalog", "text/html", "text/html")]
    public async Task Get_ByAcceptOrFormat_ChoosesTheFace(string path, string? accept, string type)
    {
        await using StatusApp app = await StatusApp.StartAsync(MeshHost.Catalog(1));

        using HttpResponseMessage response = await app.GetAsync(path, accept);
        using HttpResponseMessage head = await app.SendAsync(HttpMethod.Head, path, accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(type == "text/html", response.Headers.Contains("Content-Security-Policy"));
        Assert.Equal(type, head.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("/mesh?format=xml", 400)]
    [InlineData("/mesh/services/catalog?limit=0", 400)]
    [InlineData("/mesh/services/catalog?limit=1001", 400)]
    [InlineData("/mesh/services/catalog?offset=-1", 400)]
    [InlineData("/mesh/services/catalog/events?limit=x", 400)]
    [InlineData("/mesh/services/orders", 404)]
    [InlineData("/mesh/services/orders/events", 404)]
    public async Task Get_WhatThereIsNot_SaysSo(string path, int status)
    {
        await using StatusApp app = await StatusApp.StartAsync(MeshHost.Catalog(1));
        await app.KnownAsync();

        using HttpResponseMessage response = await app.GetAsync(path);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 404)
        {
            string text = await response.Content.ReadAsStringAsync(Stop);
            Assert.Contains("catalog.default.svc.cluster.local:80", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Service_AfterCallsAndAFailure_TellsTrafficEndpointsAndTheStory()
    {
        using var dead = new DeadPort();
        await using Backend alive = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/bad" ? 500 : 200;
            return Task.CompletedTask;
        });
        await using StatusApp app = await StatusApp.StartAsync(
        [
            ("Services:catalog:LoadBalancing:Policy", "Maglev"),
            ("Services:catalog:LoadBalancing:HashOn:0:Header", "x-user"),
            ("Services:catalog:Endpoints:0:Address", alive.Address),
            ("Services:catalog:Endpoints:0:Zone", "north"),
            ("Services:catalog:Endpoints:1:Address", $"127.0.0.1:{dead.Port}"),
        ]);
        await app.KnownAsync();
        using HttpClient mesh = app.Mesh();
        for (int i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/good");
            request.Headers.Add("x-user", $"u{i}");
            using HttpResponseMessage response = await mesh.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        using (HttpResponseMessage bad = await mesh.GetAsync("/bad?q=1", Stop))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, bad.StatusCode);
        }

        JsonElement status = await app.JsonAsync("/mesh/services/catalog");
        JsonElement service = status.GetProperty("services")[0];
        Assert.Equal(1, status.GetProperty("version").GetInt32());
        Assert.Equal("configuration", service.GetProperty("source").GetString());
        Assert.Equal(21, service.GetProperty("traffic").GetProperty("calls").GetInt64());
        Assert.Equal(1, service.GetProperty("traffic").GetProperty("failures").GetInt64());
        Assert.Equal("Maglev", service.GetProperty("balancing").GetProperty("policy").GetString());
        Assert.Equal("header x-user", service.GetProperty("balancing").GetProperty("hashOn")[0].GetString());
        Assert.Equal(65537, service.GetProperty("balancing").GetProperty("tableSize").GetInt32());

        JsonElement gone = service.GetProperty("endpoints")[0];
        Assert.Equal($"127.0.0.1:{dead.Port}", gone.GetProperty("address").GetString());
        Assert.Equal("disconnected", gone.GetProperty("state").GetString());
        Assert.Contains("is out of reach", gone.GetProperty("why").GetString(), StringComparison.Ordinal);
        JsonElement there = service.GetProperty("endpoints")[1];
        Assert.Equal("available", there.GetProperty("state").GetString());
        Assert.False(there.TryGetProperty("why", out _));
        Assert.Equal("north", there.GetProperty("zone").GetString());
        Assert.InRange(there.GetProperty("tableShare").GetDouble(), 0.4, 0.6);
        Assert.Equal(1, gone.GetProperty("tableShare").GetDouble() + there.GetProperty("tableShare").GetDouble(), 0.0001);
        Assert.True(there.GetProperty("attempts").GetInt64() >= 21);

        JsonElement failure = Assert.Single(status.GetProperty("failures").EnumerateArray());
        Assert.Equal("/bad", failure.GetProperty("path").GetString());
        Assert.Equal("500", failure.GetProperty("ending").GetString());
        Assert.Contains($"tried at {alive.Address}", failure.GetProperty("story").GetString(), StringComparison.Ordinal);

        string text = await app.TextAsync("/mesh/services/catalog.default");
        output.WriteLine(text);
        Assert.Contains("disconnected", text, StringComparison.Ordinal);
        Assert.Contains("is out of reach", text, StringComparison.Ordinal);
        Assert.DoesNotContain("q=1", text, StringComparison.Ordinal);
        string overview = await app.TextAsync("/mesh");
        output.WriteLine(overview);
        Assert.Contains("catalog.default.svc.cluster.local:80  known", overview, StringComparison.Ordinal);
        Assert.All(overview.Split('\n').Where(line => !line.StartsWith('!')), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public async Task Overview_OfAControlPlaneAlone_IsThere()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Development", Args = ["--urls=http://127.0.0.1:0"] });
        builder.Services.AddMeshControlPlane();
        await using WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        app.MapMeshStatus();
        await app.StartAsync(Stop);
        using var client = new HttpClient();

        string text = await client.GetStringAsync($"{app.Urls.Single()}/mesh", Stop);

        Assert.Contains("none yet", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_OfAServer_TellsItsPeers()
    {
        await using StatusApp app = await StatusApp.StartAsync([], configure: builder => builder.AddMeshServer());
        await app.TextAsync("/mesh");

        JsonElement inbound = (await app.JsonAsync("/mesh")).GetProperty("inbound");

        Assert.Equal(1, inbound.GetProperty("requests").GetInt32());
        JsonElement peer = Assert.Single(inbound.GetProperty("peers").EnumerateArray());
        Assert.Equal(2, peer.GetProperty("allowed").GetInt64());
        Assert.Equal(0, peer.GetProperty("refused").GetInt64());
    }

    [Fact]
    public async Task Configuration_FromSeveralSources_NamesThem()
    {
        await using StatusApp app = await StatusApp.StartAsync(
            [("Namespace", "shop"), ("Domains:0", "example.com")],
            configure: builder => builder.Configuration.AddInMemoryCollection([new("Mesh:Namespace", "web")]));

        JsonElement[] settings = [.. (await app.JsonAsync("/mesh")).GetProperty("configuration").GetProperty("settings").EnumerateArray()];

        JsonElement name = Assert.Single(settings, setting => setting.GetProperty("path").GetString() == "Mesh:Namespace");
        Assert.Equal("web", name.GetProperty("value").GetString());
        Assert.Equal("memory", name.GetProperty("source").GetString());
        Assert.Contains(settings, setting => setting.GetProperty("path").GetString() == "Mesh:Domains:0");
    }

    [Fact]
    public async Task Configuration_OfCodeAndAControlPlane_NamesThem()
    {
        var linkerd = new ScriptedLinkerd();
        linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        linkerd.Policies.Scripts = [Play.Say(ScriptedLinkerd.Policy(3))];
        await using InProcessServer plane = await linkerd.StartAsync();
        await using StatusApp app = await StatusApp.StartAsync(
            [
                ("Identity:Source", "None"), ("Linkerd:Enabled", "true"), ("Defaults:FailureAccrual:MaxFailures", "9"),
                ("Linkerd:Destination:Address", $"{plane.Address}"), ("Linkerd:Policy:Address", $"{plane.Address}"),
                ("Services:catalog:Port", "80"),
            ],
            configure: builder => builder.Services.Configure<MeshClientOptions>(options =>
                options.Defaults.Timeouts = new MeshTimeoutOptions { Request = TimeSpan.FromSeconds(9) }));
        await app.KnownAsync();

        JsonElement settings = (await app.JsonAsync("/mesh")).GetProperty("configuration").GetProperty("settings");

        (string Value, string Source) accrual =
            Setting(settings, "Mesh:Services:catalog:Ports:80:FailureAccrual:MaxFailures");
        Assert.Equal("3", accrual.Value);
        Assert.Contains("control plane http://", accrual.Source, StringComparison.Ordinal);
        Assert.Equal("9", Setting(settings, "Mesh:Defaults:FailureAccrual:MaxFailures").Value);
        Assert.Equal(("00:00:09", "code"), Setting(settings, "Mesh:Defaults:Timeouts:Request"));
        Assert.Contains("Mesh:Defaults:Timeouts:Request", await app.TextAsync("/mesh"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RoutesWithoutEnd_InTheOverview_AreBoundedAndSaySo()
    {
        const int Services = 8, Routes = 90, Backends = 3;
        MeshSettings settings =
        [
            ("Services:small:Endpoints:0:Address", "127.0.0.1:1"),
            ("Services:small:Routes:0:Name", "only"),
            ("Services:small:Routes:0:Match:Path:Prefix", "/"),
        ];
        for (int service = 0; service < Services; service++)
        {
            settings.Add(($"Services:many-{service}:Endpoints:0:Address", "127.0.0.1:1"));
            for (int route = 0; route < Routes; route++)
            {
                string at = $"Services:many-{service}:Routes:{route}";
                settings.Add(($"{at}:Name", $"r{route}"));
                settings.Add(($"{at}:Match:Path:Prefix", $"/{route}"));
                for (int backend = 0; backend < Backends; backend++)
                {
                    settings.Add(($"{at}:Backends:{backend}:Service", $"many-{backend}"));
                }
            }
        }

        await using StatusApp app = await StatusApp.StartAsync(settings);
        await app.KnownAsync("small");

        JsonElement[] services = [.. (await app.JsonAsync("/mesh")).GetProperty("services").EnumerateArray()];
        int told = 0, backends = 0;
        foreach (JsonElement service in services)
        {
            JsonElement[] routes = [.. service.GetProperty("routes").EnumerateArray()];
            bool isSmall = service.GetProperty("name").GetString()!.StartsWith("small", StringComparison.Ordinal);
            Assert.Equal(isSmall ? 1 : Routes, routes.Length + service.GetProperty("routesOmitted").GetInt32());
            Assert.All(routes, route => Assert.Equal(
                isSmall ? 1 : Backends, route.GetProperty("backends").GetArrayLength() + route.GetProperty("backendsOmitted").GetInt32()));
            Assert.InRange(routes.Length, isSmall ? 1 : 40, 400);
            told += routes.Length;
            backends += routes.Sum(route => route.GetProperty("backends").GetArrayLength());
        }

        Assert.Equal(Services + 1, services.Length);
        Assert.InRange(told, 300, 400);
        Assert.InRange(backends, told, 800);
        string text = await app.TextAsync("/mesh");
        Assert.Contains($"and {(Services * Routes) + 1 - 100} more routes\n", text, StringComparison.Ordinal);
        Assert.Matches("and [0-9]+ more backends\n", text);
        JsonElement one = (await app.JsonAsync("/mesh/services/many-0")).GetProperty("services")[0];
        Assert.Equal((Routes, 0), (one.GetProperty("routes").GetArrayLength(), one.GetProperty("routesOmitted").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HidePaths_Set_TellsFailuresWithoutTheirPath(bool hide)
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using StatusApp app = await StatusApp.StartAsync(
        [
            ("Status:HidePaths", hide ? "true" : null),
            ("Services:catalog:Endpoints:0:Address", bad.Address),
        ]);
        await app.KnownAsync();
        using HttpClient mesh = app.Mesh();
        (await mesh.PostAsync("/invitations/capability", null, Stop)).Dispose();

        JsonElement failure = Assert.Single((await app.JsonAsync("/mesh")).GetProperty("failures").EnumerateArray());

        Assert.Equal(hide ? "(path not shown)" : "/invitations/capability", failure.GetProperty("path").GetString());
        Assert.Equal(hide, !failure.ToString().Contains("capability", StringComparison.Ordinal));
        Assert.Equal(hide, !(await app.TextAsync("/mesh")).Contains("capability", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TenThousandEndpoints_InEveryFace_AreBounded()
    {
        const int Count = 10_000;
        MeshSettings settings = [("Services:catalog:LoadBalancing:Policy", "Maglev")];
        for (int i = 0; i < Count; i++)
        {
            settings.Add(($"Services:catalog:Endpoints:{i}:Address", $"10.{i / 62500}.{i / 250 % 250}.{i % 250}:80"));
        }

        await using StatusApp app = await StatusApp.StartAsync(settings);
        await app.KnownAsync();

        foreach ((string path, int most) in new[]
        {
            ("/mesh?format=json", 64_000), ("/mesh?format=text", 16_000),
            ("/mesh/services/catalog?format=json", 160_000), ("/mesh/services/catalog?format=text", 64_000),
            ("/mesh/services/catalog?format=json&offset=9900", 160_000),
        })
        {
            await app.TextAsync(path);
            long began = Stopwatch.GetTimestamp();
            string body = await app.TextAsync(path);
            output.WriteLine($"{path}: {body.Length} bytes, {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms");
            Assert.InRange(body.Length, 100, most);
        }

        JsonElement first = (await app.JsonAsync("/mesh/services/catalog")).GetProperty("services")[0];
        Assert.Equal(200, first.GetProperty("endpoints").GetArrayLength());
        Assert.Equal(Count - 200, first.GetProperty("endpointsOmitted").GetInt32());
        Assert.Equal(Count, first.GetProperty("endpointStates").GetProperty("available").GetInt32());
        JsonElement last = (await app.JsonAsync("/mesh/services/catalog?offset=9900")).GetProperty("services")[0];
        Assert.Equal(100, last.GetProperty("endpoints").GetArrayLength());
        Assert.False((await app.JsonAsync("/mesh")).GetProperty("services")[0].TryGetProperty("endpoints", out _));
    }

    private static (string Value, string Source) Setting(JsonElement settings, string path)
    {
        JsonElement setting = Assert.Single(settings.EnumerateArray(), setting => setting.GetProperty("path").GetString() == path);
        return (setting.GetProperty("value").GetString()!, setting.GetProperty("source").GetString()!);
    }
}

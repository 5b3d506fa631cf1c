using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>A control plane that serves the injector over TLS, and its gRPC protocols without.</summary>
internal sealed class InjectorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeshSettings.Source _settings;

    private InjectorHost(WebApplication app, MeshSettings.Source settings) => (_app, _settings) = (app, settings);

    public IServiceProvider Services => _app.Services;

    public FakeLogCollector Logs => Services.GetFakeLogCollector();

    /// <summary>Of the gRPC protocols.</summary>
    public Uri Address => new(_app.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal)));

    public int Port => new Uri(_app.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal))).Port;

    public MeshAuthority Authority => Services.GetRequiredService<MeshAuthority>();

    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="configure">Adds services.</param>
    /// <param name="isServer">Whether it is a server of the mesh: all but the injector is then served with its identity.</param>
    public static async Task<InjectorHost> StartAsync(
        MeshSettings settings, Action<IServiceCollection>? configure = null, bool isServer = false)
    {
        var source = new MeshSettings.Source(settings);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddFakeLogging();
        ((IConfigurationBuilder)builder.Configuration).Add(source);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseMeshInjectorCertificate());
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
                listen.Protocols = isServer ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        configure?.Invoke(builder.Services);
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        if (isServer)
        {
            builder.AddMeshServer();
        }

        WebApplication app = builder.Build();
        app.MapMeshInjector();
        app.MapMeshControlPlane();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new InjectorHost(app, source);
    }

    public static JsonObject Review(JsonNode? pod, string operation = "CREATE", bool dryRun = false) => new()
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = "admission.k8s.io/v1",
        ["request"] = new JsonObject
        {
            ["uid"] = "u-1",
            ["kind"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["kind"] = "Pod" },
            ["namespace"] = "shop",
            ["operation"] = operation,
            ["dryRun"] = dryRun,
            ["object"] = pod,
        },
    };

    public static JsonObject Pod() => JsonNode.Parse("""
        { "metadata": { "generateName": "web-7f-" }, "spec": { "serviceAccountName": "web", "containers": [{ "name": "web" }] } }
        """)!.AsObject();

    /// <summary>Changes settings below <c>Mesh:</c> as a reloaded file would.</summary>
    public void Set(params IEnumerable<(string Key, string? Value)> settings) => _settings.Change(settings);

    /// <summary>As an API server calls it: by name, verified by the anchors alone.</summary>
    public HttpClient Client(string name = "mesh-injector.mesh.svc") =>
        InjectorClient.Create(Port, name, () => Authority.TrustBundlePem);

    public async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(
        string body, string contentType = "application/json", HttpClient? client = null)
    {
        using HttpClient? own = client is null ? Client() : null;
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using HttpResponseMessage response =
            await (client ?? own)!.PostAsync(new Uri("/mesh/inject", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    public async Task<JsonNode> ReviewAsync(JsonNode review)
    {
        (HttpStatusCode status, JsonNode answer) = await PostAsync(review.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("AdmissionReview", (string?)answer["kind"]);
        Assert.Equal("admission.k8s.io/v1", (string?)answer["apiVersion"]);
        Assert.Equal("u-1", (string?)answer["response"]!["uid"]);
        Assert.True((bool?)answer["response"]!["allowed"]);
        return answer["response"]!;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

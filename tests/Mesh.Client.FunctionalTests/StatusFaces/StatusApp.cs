using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>An application with the mesh and its status. Who sends <c>X-User: ops</c> meets the policy <c>ops</c>.</summary>
internal sealed class StatusApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private StatusApp(WebApplication app)
    {
        _app = app;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public FakeLogCollector Logs => _app.Services.GetFakeLogCollector();

    public IServiceProvider Services => _app.Services;

    public Uri Address => _client.BaseAddress!;

    /// <summary>Who follows the status now.</summary>
    public int Readers => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .Select(endpoint => endpoint.Metadata.GetMetadata<StatusHandlers>())
        .First(handlers => handlers is not null)!.Readers;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="environment">Of the host.</param>
    /// <param name="map">Null maps the status at <c>/mesh</c>.</param>
    /// <param name="configure">Adds to the application before it is built.</param>
    public static async Task<StatusApp> StartAsync(
        MeshSettings settings,
        string environment = "Development",
        Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = environment, Args = ["--urls=http://127.0.0.1:0"] });
        builder.Logging.ClearProviders().AddFakeLogging();
        ((IConfigurationBuilder)builder.Configuration).Add(new MeshSettings.Source(settings));
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient(MeshHost.Name, client => client.BaseAddress = MeshHost.CatalogUri).UseMesh();
        builder.Services.AddAuthentication(Header.SchemeName).AddScheme<AuthenticationSchemeOptions, Header>(Header.SchemeName, null);
        builder.Services.AddAuthorizationBuilder().AddPolicy("ops", policy => policy.RequireClaim("team", "ops"));
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        (map ?? (app => app.MapMeshStatus()))(app);
        await app.StartAsync(Stop);
        return new StatusApp(app);
    }

    public HttpClient Mesh() => _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(MeshHost.Name);

    public Task<HttpResponseMessage> GetAsync(string path, string? accept = null, string? user = null) =>
        SendAsync(HttpMethod.Get, path, accept, user);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? accept = null, string? user = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (user is not null)
        {
            request.Headers.Add(Header.Name, user);
        }

        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    public async Task<string> TextAsync(string path, string? accept = null)
    {
        using HttpResponseMessage response = await GetAsync(path, accept);
        string text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode is HttpStatusCode.OK, text);
        return text;
    }

    public async Task<JsonElement> JsonAsync(string path)
    {
        using JsonDocument document = JsonDocument.Parse(await TextAsync(path, "application/json"));
        return document.RootElement.Clone();
    }

    /// <summary>Waits until the service is known.</summary>
    public async Task KnownAsync(string service = "catalog")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!limit.IsCancellationRequested)
        {
            using HttpResponseMessage response = await GetAsync($"/mesh/services/{service}?limit=1&format=json");
            if ((await response.Content.ReadAsStringAsync(Stop)).Contains("\"discovery\":\"known\"", StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(10, Stop);
        }

        Assert.Fail($"{service} did not become known");
    }

    public Task StopAsync() => _app.StopAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Header(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string SchemeName = "Header";
        public const string Name = "X-User";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string? user = Request.Headers[Name];
            var identity = new ClaimsIdentity([new Claim("team", user ?? "")], SchemeName);
            return Task.FromResult(user is null
                ? AuthenticateResult.NoResult()
                : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
        }
    }
}

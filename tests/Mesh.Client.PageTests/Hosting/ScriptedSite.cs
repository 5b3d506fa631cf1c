using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Telemetry.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>The page over a snapshot that no mesh would have.</summary>
internal sealed class ScriptedSite : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly WebApplication _app;

    private ScriptedSite(WebApplication app) => _app = app;

    public Uri Status => new(new Uri(_app.Urls.Single()), "/mesh");

    public static async Task<ScriptedSite> StartAsync(MeshStatus status)
    {
        string json = JsonSerializer.Serialize(status, Json);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.Run(context => context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal)
            ? StreamAsync(context, json)
            : WritePageAsync(context));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ScriptedSite(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task StreamAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"event: status\ndata: {json}\n\n");
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task WritePageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = StatusPage.ContentSecurityPolicy;
        await context.Response.BodyWriter.WriteAsync(StatusPage.Document);
    }
}

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

/// <summary>The page over a snapshot that no mesh would have, and over answers that are none.</summary>
internal sealed class ScriptedSite : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly WebApplication _app;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _streamed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _refusal;
    private volatile bool _asksAgain;

    private ScriptedSite(WebApplication app) => _app = app;

    public Uri Status => new(new Uri(_app.Urls.Single()), "/mesh");

    public static async Task<ScriptedSite> StartAsync(MeshStatus status)
    {
        string json = JsonSerializer.Serialize(status, Json);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var site = new ScriptedSite(app);
        app.Run(context => context.Request.Path == "/sign-in" ? RefuseAsync(context, StatusCodes.Status401Unauthorized)
            : !IsRead(context.Request) ? WritePageAsync(context)
            : site._refusal != 0 ? RefuseAsync(context, site._refusal)
            : IsStream(context.Request) ? site.StreamAsync(context, json)
            : context.Response.WriteAsync(json));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    /// <summary>Ends the streams of events; from here on whoever reads is answered with this. 0: they are there again.</summary>
    public void Refuse(int status)
    {
        _refusal = status;
        EndStreams();
    }

    /// <summary>Ends the streams of events, asks for other requests, and waits for the first of them.</summary>
    public Task EndStreamAsync()
    {
        _streamed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asksAgain = true;
        EndStreams();
        return _streamed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static bool IsStream(HttpRequest request) => request.Path.Value!.EndsWith("/events", StringComparison.Ordinal);

    private static bool IsRead(HttpRequest request) => IsStream(request) || request.Headers.Accept == "application/json";

    private void EndStreams()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = status == StatusCodes.Status302Found ? "/sign-in" : default;
        return Task.CompletedTask;
    }

    private async Task StreamAsync(HttpContext context, string json)
    {
        Task changed = _changed.Task;
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"event: status\ndata: {json}\n\n");
        _streamed.TrySetResult();
        await changed.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_asksAgain)
        {
            await context.Response.WriteAsync("event: again\ndata: {}\n\n");
        }
    }

    private static async Task WritePageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = StatusPage.ContentSecurityPolicy;
        await context.Response.BodyWriter.WriteAsync(StatusPage.Document);
    }
}

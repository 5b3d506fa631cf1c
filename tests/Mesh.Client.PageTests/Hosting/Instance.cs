using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>One instance of a service: a mesh server with the service's identity, which can fail on demand and be killed.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile int _status = StatusCodes.Status200OK;

    private Instance(WebApplication app) => _app = app;

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What it answers from now on.</summary>
    public int Status
    {
        set => _status = value;
    }

    /// <summary>How long it thinks about each answer.</summary>
    public TimeSpan Latency { private get; set; }

    /// <param name="service">What it is an instance of; its identity says so.</param>
    /// <param name="known">Settings by which it gets its certificate.</param>
    public static async Task<Instance> StartAsync(string service, IReadOnlyDictionary<string, string?> known)
    {
        WebApplicationBuilder builder = ShopServers.Create(
            new Dictionary<string, string?>(known) { ["Identity:Name"] = ShopServers.NameOf(service) });
        WebApplication app = builder.Build();
        var instance = new Instance(app);
        app.Run(instance.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        instance.Address = new Uri(app.Urls.Single()).Authority;
        return instance;
    }

    /// <summary>It neither listens nor answers any more.</summary>
    public async Task KillAsync()
    {
        // Nothing is waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, context.RequestAborted);
        }

        context.Response.StatusCode = _status;
        await context.Response.WriteAsync("an item");
    }
}

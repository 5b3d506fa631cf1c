using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>An instance that answers only once it is released, and knows how many requests it has at once, on how many connections.
/// </summary>
internal sealed class HeldBackend : IAsyncDisposable
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _connections = [];
    private InProcessServer _server = null!;
    private int _now;

    public string Address => _server.Address.Authority;

    /// <summary>Requests under way.</summary>
    public int Now => Volatile.Read(ref _now);

    /// <summary>The most that ever were.</summary>
    public int Most { get; private set; }

    /// <summary>Requests so far.</summary>
    public int Hits { get; private set; }

    public int Connections
    {
        get
        {
            lock (_connections)
            {
                return _connections.Count;
            }
        }
    }

    /// <param name="protocols">HTTP/1.1 unless told otherwise.</param>
    /// <param name="streams">How many an HTTP/2 connection may have at once.</param>
    public static async Task<HeldBackend> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, int streams = 100)
    {
        var backend = new HeldBackend();
        backend._server = await InProcessServer.StartAsync(
            services => services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = streams),
            app => app.Run(backend.AnswerAsync),
            protocols: protocols);
        return backend;
    }

    public void Release() => _release.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        lock (_connections)
        {
            _connections.Add(context.Connection.Id);
            Hits++;
            Most = Math.Max(Most, ++_now);
        }

        try
        {
            await _release.Task.WaitAsync(context.RequestAborted);
        }
        finally
        {
            lock (_connections)
            {
                _now--;
            }
        }

        await context.Response.WriteAsync("ok", context.RequestAborted);
    }
}

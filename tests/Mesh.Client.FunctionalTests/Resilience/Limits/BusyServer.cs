using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>
/// A real server of a capacity that is no matter of the machine: so many workers, each busy for a time with one request, first come first
/// served. It refuses (503) only what finds a long queue.
/// </summary>
internal sealed class BusyServer : IAsyncDisposable
{
    public const int Workers = 8;

    private readonly SemaphoreSlim _workers = new(Workers);
    private readonly int _queue;
    private InProcessServer _server = null!;
    private int _inside;
    private int _hits;

    private BusyServer(int queue) => _queue = queue;

    public string Address => _server.Address.Authority;

    public int Hits => Volatile.Read(ref _hits);

    /// <summary>What one request keeps a worker busy for.</summary>
    public TimeSpan Service { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <param name="queue">Requests that may wait for a worker.</param>
    public static async Task<BusyServer> StartAsync(int queue)
    {
        var server = new BusyServer(queue);
        server._server = await InProcessServer.StartAsync(
            null, app => app.Run(server.AnswerAsync), protocols: Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _workers.Dispose();
    }

    // It works on what its caller has given up too, as servers do: that is how goodput collapses.
    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _hits);
        try
        {
            if (Interlocked.Increment(ref _inside) > Workers + _queue)
            {
                context.Response.StatusCode = 503;
                return;
            }

            await _workers.WaitAsync(CancellationToken.None);
            try
            {
                await Task.Delay(Service, CancellationToken.None);
            }
            finally
            {
                _workers.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}

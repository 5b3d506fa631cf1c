using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>
/// A real server of a capacity that is no matter of the machine: so many workers, each busy for some ticks with one request, first come
/// first served. Time passes for it when <see cref="Tick"/> is called. It refuses (503) only what finds a long queue.
/// </summary>
internal sealed class BusyServer : IAsyncDisposable
{
    public const int Workers = 8;
    public const string CallHeader = "x-call";

    private readonly LinkedList<Work> _work = [];
    private readonly int _queue;
    private InProcessServer _server = null!;
    private int _hits;

    private BusyServer(int queue) => _queue = queue;

    public string Address => _server.Address.Authority;

    public int Hits => Volatile.Read(ref _hits);

    /// <summary>How many ticks one request keeps a worker busy for.</summary>
    public int Service { get; set; } = 1;

    /// <summary>Calls that are worked on or wait for that, and whose callers are there still.</summary>
    public HashSet<string> Live
    {
        get
        {
            lock (_work)
            {
                return [.. _work.Where(work => !work.Caller.IsCancellationRequested).Select(work => work.Call)];
            }
        }
    }

    /// <param name="queue">Requests that may wait for a worker.</param>
    public static async Task<BusyServer> StartAsync(int queue)
    {
        var server = new BusyServer(queue);
        server._server = await InProcessServer.StartAsync(null, app => app.Run(server.AnswerAsync), protocols: HttpProtocols.Http1);
        return server;
    }

    /// <summary>Each worker does a tick's work; who is done takes what came first.</summary>
    public void Tick()
    {
        lock (_work)
        {
            foreach (Work work in _work.Take(Workers).ToList())
            {
                if (++work.Ticks >= Service)
                {
                    _work.Remove(work);
                    work.Done.SetResult();
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_work)
        {
            _work.ToList().ForEach(work => work.Done.TrySetResult());
        }

        return _server.DisposeAsync();
    }

    // It works on what its caller has given up too, as servers do: that is how goodput collapses.
    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _hits);
        var work = new Work(context.Request.Headers[CallHeader].ToString(), context.RequestAborted);
        lock (_work)
        {
            if (_work.Count >= Workers + _queue)
            {
                context.Response.StatusCode = 503;
                return;
            }

            _work.AddLast(work);
        }

        await work.Done.Task;
    }

    private sealed class Work(string call, CancellationToken caller)
    {
        public string Call => call;

        public CancellationToken Caller => caller;

        public int Ticks { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using System.Collections.Concurrent;
using Grpc.Core;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Discovery;

/// <summary>A Destination server that plays one script per stream; the last script is played for all that follow.</summary>
internal sealed class ScriptedDestination(params ScriptedDestination.Script[] scripts) : Destination.DestinationBase
{
    private int _streams;

    public delegate Task Script(IServerStreamWriter<Update> stream, CancellationToken gone);

    public ConcurrentQueue<GetDestination> Requests { get; } = [];

    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Completes when a caller has left an open stream.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Keeps the stream open without a word.</summary>
    public static async Task Hold(CancellationToken gone) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public static Script Say(params Update[] updates) => async (stream, gone) =>
    {
        foreach (Update update in updates)
        {
            await stream.WriteAsync(update, gone);
        }

        await Hold(gone);
    };

    /// <summary>Says something, then ends the stream.</summary>
    public static Script SayAndEnd(params Update[] updates) => async (stream, gone) =>
    {
        foreach (Update update in updates)
        {
            await stream.WriteAsync(update, gone);
        }
    };

    public static Script Fail(StatusCode code, string detail) => (_, _) => throw new RpcException(new Status(code, detail));

    public Task<InProcessServer> StartAsync(int port = 0) => InProcessServer.StartAsync(
        services => services.AddSingleton(this).AddGrpc(), app => app.MapGrpcService<ScriptedDestination>(), port);

    public override async Task Get(GetDestination request, IServerStreamWriter<Update> responseStream, ServerCallContext context)
    {
        Requests.Enqueue(request);
        int number = Interlocked.Increment(ref _streams);
        try
        {
            await scripts[Math.Min(number, scripts.Length) - 1](responseStream, context.CancellationToken);
        }
        finally
        {
            if (context.CancellationToken.IsCancellationRequested)
            {
                Left.TrySetResult();
            }
        }
    }
}

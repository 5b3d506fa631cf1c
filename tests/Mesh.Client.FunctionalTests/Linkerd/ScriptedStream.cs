using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What a server does with one stream.</summary>
internal delegate Task Script<T>(IServerStreamWriter<T> stream, CancellationToken gone);

/// <summary>One method of a server: plays one script per stream; the last is played for all that follow.</summary>
internal sealed class ScriptedStream<TRequest, T>
    where T : IMessage
{
    private int _streams;
    private int _open;

    public Script<T>[] Scripts { get; set; } = [Play.Say<T>()];

    public ConcurrentQueue<TRequest> Requests { get; } = [];

    public int Streams => Volatile.Read(ref _streams);

    public int Open => Volatile.Read(ref _open);

    public async Task RunAsync(TRequest request, IServerStreamWriter<T> stream, ServerCallContext context)
    {
        Requests.Enqueue(request);
        int number = Interlocked.Increment(ref _streams);
        Interlocked.Increment(ref _open);
        try
        {
            await Scripts[Math.Min(number, Scripts.Length) - 1](stream, context.CancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}

internal static class Play
{
    /// <summary>Says something and keeps the stream open.</summary>
    public static Script<T> Say<T>(params T[] messages) => async (stream, gone) =>
    {
        await SayAndEnd(messages)(stream, gone);
        await Task.Delay(Timeout.InfiniteTimeSpan, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    };

    public static Script<T> SayAndEnd<T>(params T[] messages) => async (stream, gone) =>
    {
        foreach (T message in messages)
        {
            await stream.WriteAsync(message, gone);
        }
    };

    /// <summary>Says something once it is told to.</summary>
    public static Script<T> SayAfter<T>(Task told, params T[] messages) => async (stream, gone) =>
    {
        await told.WaitAsync(gone);
        await Say(messages)(stream, gone);
    };

    public static Script<T> Fail<T>(StatusCode code, params T[] messages) => async (stream, gone) =>
    {
        await SayAndEnd(messages)(stream, gone);
        throw new RpcException(new Status(code, "as the script wants"));
    };
}

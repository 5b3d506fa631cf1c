using Grpc.Core;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Destination;

/// <summary>What a <see cref="WatchLoop{TMessage}"/> opens again and again, and tells what came. One call at a time.</summary>
internal interface IWatchedStream<TMessage>
{
    /// <summary>What it tells of.</summary>
    StreamKind Kind { get; }

    /// <summary>A new stream: the last state stands until it says something.</summary>
    AsyncServerStreamingCall<TMessage> Open(CancellationToken cancellationToken);

    /// <summary>False: the message says nothing.</summary>
    bool Take(TMessage message);

    /// <summary>The stream is open and has said nothing for so long. False: it is given up, for another.</summary>
    bool TakeSilence();

    /// <summary>
    /// A status that is an answer. Null: it is none, and the stream was lost; false: there will be no other, and nobody asks again.
    /// </summary>
    bool? TakeStatus(RpcException exception);

    /// <summary>The stream has ended as streams do: another is opened, and there is nothing to warn of.</summary>
    void Pause();

    /// <summary>The control plane is out of reach.</summary>
    /// <param name="reason">In words for people.</param>
    void Lose(string reason);
}

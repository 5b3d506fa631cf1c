using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// A stream whose every message is a whole answer, where none at all is an answer too: a policy, a profile.
/// </summary>
/// <param name="kind">What it tells of.</param>
/// <param name="source">The control plane, in words.</param>
/// <param name="open">Opens a stream.</param>
/// <param name="read">Makes the answer of a message.</param>
/// <param name="limited">Whether a silent stream is given up for another.</param>
/// <param name="refuse">Told of a message that could not be read: the last answer stands.</param>
/// <param name="changed">Told when something else is to be said.</param>
internal sealed class AnswerStream<TMessage, TAnswer>(
    StreamKind kind,
    string source,
    Func<CancellationToken, AsyncServerStreamingCall<TMessage>> open,
    Func<TMessage, TAnswer> read,
    bool limited,
    Action<Exception> refuse,
    Action changed) : IWatchedStream<TMessage>
    where TAnswer : class
{
    /// <summary>Whether there was an answer.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Null: there is none of what was asked for.</summary>
    public TAnswer? Answer { get; private set; }

    /// <summary>Why there is no answer, or no newer one; null while the control plane is in touch.</summary>
    public string? Problem { get; private set; }

    /// <summary>Without the source: for a log.</summary>
    public string? Reason { get; private set; }

    public StreamKind Kind => kind;

    public AsyncServerStreamingCall<TMessage> Open(CancellationToken cancellationToken) => open(cancellationToken);

    public bool Take(TMessage message)
    {
        TAnswer answer;
        try
        {
            answer = read(message);
        }
        catch (Exception exception)
        {
            // Whatever a message holds that its reader did not think of.
            refuse(exception);
            return true;
        }

        TakeAnswer(answer);
        return true;
    }

    public bool TakeSilence()
    {
        if (!limited)
        {
            Problem = $"{source} has said nothing yet";
            changed();
        }

        return !limited;
    }

    /// <inheritdoc/>
    /// <remarks>What is not there yet, or not served there yet, may be later.</remarks>
    public bool? TakeStatus(RpcException exception)
    {
        bool? again = exception.StatusCode switch
        {
            StatusCode.NotFound or StatusCode.Unimplemented => true,
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition => false,
            _ => null,
        };
        if (again is not null)
        {
            TakeAnswer(null);
        }

        return again;
    }

    public void Pause()
    {
        Problem = $"{source} ended the stream";
        changed();
    }

    public void Lose(string reason)
    {
        Reason = reason;
        Problem = $"{source} is out of reach: {reason}";
        changed();
    }

    /// <summary>There was nothing to answer yet: that there was no answer is no outage.</summary>
    public void Excuse() => Reason = null;

    private void TakeAnswer(TAnswer? answer)
    {
        Answer = answer;
        IsAnswered = true;
        Problem = null;
        Reason = null;
        changed();
    }
}

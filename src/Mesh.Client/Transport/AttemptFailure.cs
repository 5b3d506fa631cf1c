namespace Mesh.Client.Transport;

/// <summary>Reads what an exception of the transport says about the attempt.</summary>
internal static class AttemptFailure
{
    // RFC 9113 §7: the stream was not processed.
    private const long RefusedStream = 0x7;

    /// <summary>What became of the attempt. Never <see cref="AttemptResult.Success"/>.</summary>
    public static AttemptResult Classify(Exception exception, CancellationToken caller)
    {
        // The caller's word stands whatever the connection says in the same moment.
        if (caller.IsCancellationRequested)
        {
            return AttemptResult.Cancelled;
        }

        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ConnectFailedException:
                    return AttemptResult.ConnectFailure;
                case HttpProtocolException { ErrorCode: RefusedStream }:
                    return AttemptResult.Refused;
                default:
                    break;
            }
        }

        return AttemptResult.Reset;
    }
}

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
                case HttpRequestException when IsBeyondGoAway(e):
                    return AttemptResult.Refused;
                default:
                    break;
            }
        }

        return AttemptResult.Reset;
    }

    // A stream beyond a GOAWAY's last one carries the GOAWAY's code, which may be any. SocketsHttpHandler repeats the protocol's words in
    // its own exception unless it knows that the stream was not processed; then it says so in other words. Its own mark is internal.
    private static bool IsBeyondGoAway(Exception e) => e.InnerException is HttpProtocolException inner && inner.Message != e.Message;
}

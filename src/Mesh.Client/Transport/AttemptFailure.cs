using System.Net.Sockets;

namespace Mesh.Client.Transport;

/// <summary>Reads what an exception of the transport says about the attempt.</summary>
internal static class AttemptFailure
{
    private const long RefusedStream = 7;

    /// <summary>What became of the attempt. Never <see cref="AttemptResult.Success"/>.</summary>
    public static AttemptResult Classify(Exception exception, CancellationToken caller)
    {
        // The caller's word stands whatever the connection says in the same moment.
        if (caller.IsCancellationRequested)
        {
            return AttemptResult.Cancelled;
        }

        if (!IsOfTransport(exception))
        {
            return AttemptResult.Cancelled;
        }

        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ConnectFailedException:
                // While a connection was made, an HTTP/2 preface included: before any request.
                case HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }:
                case HttpRequestException or IOException when IsOfPreface(e):
                    return AttemptResult.ConnectFailure;
                case HttpRequestException when IsNotProcessed(e):
                    return AttemptResult.Refused;
                default:
                    break;
            }
        }

        return AttemptResult.Reset;
    }

    /// <summary>
    /// Whether the transport failed. What else comes out of a handler was thrown by the caller's own content while it was sent, and says
    /// nothing about the endpoint.
    /// </summary>
    public static bool IsOfTransport(Exception exception) => exception switch
    {
        HttpRequestException { InnerException: InvalidOperationException and not ObjectDisposedException } => false,
        HttpRequestException or IOException or SocketException or ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the peer ended this one stream, with a code that means something to gRPC. The same exception, told apart by its words alone,
    /// says that the whole connection ended: by a GOAWAY, or because a ping was not answered. A refused stream is no such end.
    /// </summary>
    public static bool IsStreamReset(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return protocol.ErrorCode != RefusedStream && e.Message.Contains("stream", StringComparison.Ordinal);
            }
        }

        return false;
    }

    // REFUSED_STREAM, or a stream beyond a GOAWAY's last one. The code alone does not tell: a GOAWAY with that code also ends streams that
    // were processed. SocketsHttpHandler repeats the protocol's words in its own exception unless it knows that the stream was not
    // processed; then it says so in other words. Its own mark is internal.
    private static bool IsNotProcessed(Exception e) => e.InnerException is HttpProtocolException inner && inner.Message != e.Message;

    // SocketsHttpHandler gives this to requests that wait for a connection which then ends before the server's settings. It has no other
    // mark than its words.
    private static bool IsOfPreface(Exception e) => e.Message.Contains("did not complete the HTTP/2 handshake", StringComparison.Ordinal);
}

namespace Mesh.Client;

/// <summary>How one attempt ended.</summary>
public enum AttemptResult
{
    /// <summary>It was answered, and the answer is no failure.</summary>
    Success,

    /// <summary>It was answered with an HTTP status that says failure.</summary>
    HttpStatus,

    /// <summary>It was answered with a gRPC status other than OK.</summary>
    GrpcStatus,

    /// <summary>No connection was made, so nothing was sent.</summary>
    ConnectFailure,

    /// <summary>
    /// The server says that it did not process it: REFUSED_STREAM, or a GOAWAY whose last stream comes before this one.
    /// </summary>
    Refused,

    /// <summary>The connection or the stream broke after the request may have been sent; whether it was processed is unknown.</summary>
    Reset,

    /// <summary>The attempt's own time ran out; whether it was processed is unknown.</summary>
    Timeout,

    /// <summary>The caller gave it up, or its own content failed while it was sent.</summary>
    Cancelled,
}

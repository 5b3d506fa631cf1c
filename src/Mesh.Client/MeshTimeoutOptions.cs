namespace Mesh.Client;

/// <summary>
/// How long a call and its parts may take. What is null is decided elsewhere; zero means no limit (Gateway API), any other is 1 ms to
/// 30 days. The caller's own deadline shortens them all. Built in: no limits.
/// </summary>
public sealed class MeshTimeoutOptions
{
    /// <summary>
    /// The whole exchange: waiting, every attempt and the response's body (the Gateway API's <c>request</c>). Not retried.
    /// </summary>
    public TimeSpan? Request { get; set; }

    /// <summary>
    /// One attempt, from its begin to the response's head; a body that streams is not cut. One that fails so may be tried again. Not above
    /// <see cref="Request"/> (the Gateway API's <c>backendRequest</c>).
    /// </summary>
    public TimeSpan? Attempt { get; set; }

    /// <summary>
    /// From an attempt's last request byte to the response's head. Not above <see cref="Attempt"/>, <see cref="Response"/> and
    /// <see cref="Request"/>.
    /// </summary>
    public TimeSpan? ResponseHead { get; set; }

    /// <summary>
    /// From an attempt's last request byte, or its response's head where that comes first, to the end of its response (Linkerd's response
    /// timeout). One that fails so before the head may be tried again; after it, the body ends. Not above <see cref="Request"/>.
    /// </summary>
    public TimeSpan? Response { get; set; }

    /// <summary>Between two pieces of a body, in either direction (Linkerd's idle timeout). Not retried.</summary>
    public TimeSpan? Idle { get; set; }

    /// <summary>
    /// The HTTP header in which the time that remains travels on, in milliseconds, where a call has a deadline; empty for none. Not one
    /// that says something else, such as <c>Content-Type</c>, <c>Cookie</c> or <c>Authorization</c>. gRPC calls carry it
    /// in <c>grpc-timeout</c> whatever this says. Built in: none.
    /// </summary>
    public string? Header { get; set; }
}

namespace Mesh.Client.Model.Routes;

/// <summary>
/// How long a call and its parts may take; null: as long as they like. The caller's own deadline shortens them all. In what a source says
/// null is nothing, and zero switches off what less specific places say; where policies are one there is no zero.
/// </summary>
/// <param name="Request">The whole exchange: waiting, retries and the response's body included (Gateway API, Linkerd).</param>
/// <param name="Attempt">
/// From an attempt's begin to its response head (the Gateway API's backendRequest). One that fails so may be tried again.
/// </param>
/// <param name="ResponseHead">From an attempt's last request byte to its response head.</param>
/// <param name="Idle">Between two pieces of a body, in either direction (Linkerd's idle).</param>
/// <param name="Response">
/// From an attempt's last request byte to the end of its response (Linkerd's response). One that fails so before its head may be
/// tried again.
/// </param>
/// <param name="Header">The HTTP header in which the remaining time travels on in milliseconds; null: none.</param>
internal sealed record TimeoutPolicy(
    TimeSpan? Request = null,
    TimeSpan? Attempt = null,
    TimeSpan? ResponseHead = null,
    TimeSpan? Idle = null,
    string? Header = null,
    TimeSpan? Response = null)
{
    public static readonly TimeoutPolicy None = new();
}

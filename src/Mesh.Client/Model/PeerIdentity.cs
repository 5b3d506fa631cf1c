namespace Mesh.Client.Model;

/// <summary>Whom to expect at an endpoint.</summary>
/// <param name="Identity">The name that the peer's certificate must carry.</param>
/// <param name="ServerName">
/// What is sent as SNI; it chooses the peer's certificate and is never what is verified. Null sends none.
/// </param>
internal sealed record PeerIdentity(WorkloadIdentity Identity, string? ServerName)
{
    /// <param name="identity">Whom to expect.</param>
    /// <param name="serverName">Null takes what follows from the identity itself: a DNS identity's own name, none for a URI.</param>
    public static PeerIdentity Of(WorkloadIdentity identity, string? serverName = null) =>
        new(identity, serverName ?? (identity.IsUri ? null : identity.Name));
}

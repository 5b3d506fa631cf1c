namespace Mesh.Client.AspNetCore.Server;

/// <summary>How a TLS handshake ended: the values of <c>mesh.outcome</c>.</summary>
internal static class HandshakeOutcome
{
    /// <summary>The client showed a certificate that our anchors vouch for.</summary>
    public const string Verified = "verified";

    /// <summary>The client showed no certificate, and may.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The client's certificate, or that it has none, was refused.</summary>
    public const string Refused = "refused";

    /// <summary>There was no credential of ours to show.</summary>
    public const string NoCredential = "no_credential";

    /// <summary>Anything else: another version of TLS, a client that refused us, garbage, silence.</summary>
    public const string Failed = "failed";
}

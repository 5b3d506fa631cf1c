namespace Mesh.Client.Transport;

/// <summary>Reads a peer's fatal alert out of what the platform's TLS throws.</summary>
internal static class TlsAlert
{
    // OpenSSL's words for the alerts of RFC 8446 §6.2 that a server sends for the client's certificate and for nothing else.
    private static readonly string[] OfCertificates =
    [
        "bad certificate", "unsupported certificate", "certificate revoked", "certificate expired", "certificate unknown", "unknown ca",
        "access denied", "certificate required",
    ];

    /// <summary>The alert's name when the peer refused our certificate, and so has processed nothing; otherwise null.</summary>
    public static string? RefusesCertificate(Exception exception)
    {
        string text = exception.GetBaseException().Message;
        return text.Contains("alert", StringComparison.OrdinalIgnoreCase)
            ? Array.Find(OfCertificates, alert => text.Contains(alert, StringComparison.OrdinalIgnoreCase))
            : null;
    }
}

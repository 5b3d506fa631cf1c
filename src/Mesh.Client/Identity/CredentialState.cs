namespace Mesh.Client.Identity;

/// <summary>What this process can show and whom it believes, at one moment.</summary>
internal sealed record CredentialState
{
    /// <summary>Valid now; null before the first, and once the last one has expired.</summary>
    public Credential? Credential { get; init; }

    public TrustBundle? TrustBundle { get; init; }

    /// <summary>Why there is no valid credential or no bundle, or what is wrong with the next; null while nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Mutual TLS can be spoken.</summary>
    public bool IsReady => Credential is not null && TrustBundle is not null;
}

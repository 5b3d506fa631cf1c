namespace Mesh.Client.Identity;

/// <summary>All that a source of credentials knows at one moment. Holds no secret in any text that it gives.</summary>
internal sealed record CredentialUpdate
{
    /// <summary>The last good one, whether or not it has expired since; null while there was none.</summary>
    public Credential? Credential { get; init; }

    /// <summary>The last good one; null while there was none.</summary>
    public TrustBundle? TrustBundle { get; init; }

    /// <summary>What is wrong now, in words that name the file or peer; null while nothing is.</summary>
    public string? Problem { get; init; }
}

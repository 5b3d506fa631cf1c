namespace Mesh.Client.AspNetCore;

/// <summary>What an <see cref="ITokenValidator"/> found out.</summary>
public sealed class TokenValidation
{
    private TokenValidation(TokenStatus status, string? identity, string? reason)
    {
        Status = status;
        Identity = identity;
        Reason = reason;
    }

    /// <summary>What became of the token.</summary>
    public TokenStatus Status { get; }

    /// <summary>The one identity that the bearer may have, a DNS name; null unless the token was accepted.</summary>
    public string? Identity { get; }

    /// <summary>Why it was not accepted, in words that the caller may read; null if it was.</summary>
    public string? Reason { get; }

    /// <summary>The token is good.</summary>
    /// <param name="identity">
    /// Whose it is, a DNS name; for <c>system:serviceaccount:NS:SA</c> the name that the mesh gives to this service account.
    /// </param>
    /// <returns>The answer.</returns>
    public static TokenValidation Accept(string identity)
    {
        ArgumentException.ThrowIfNullOrEmpty(identity);
        return new TokenValidation(TokenStatus.Accepted, identity, null);
    }

    /// <summary>It is a token, but it authenticates nobody: unknown, expired, for another audience.</summary>
    /// <param name="reason">For the caller and the log, without the token.</param>
    /// <returns>The answer.</returns>
    public static TokenValidation NotAuthenticated(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new TokenValidation(TokenStatus.NotAuthenticated, null, reason);
    }

    /// <summary>It is no token at all.</summary>
    /// <param name="reason">For the caller and the log, without the token.</param>
    /// <returns>The answer.</returns>
    public static TokenValidation Invalid(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new TokenValidation(TokenStatus.Invalid, null, reason);
    }

    /// <summary>It cannot be judged now: whoever judges it is out of reach.</summary>
    /// <param name="reason">For the caller and the log, without the token.</param>
    /// <returns>The answer.</returns>
    public static TokenValidation Unavailable(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new TokenValidation(TokenStatus.Unavailable, null, reason);
    }
}

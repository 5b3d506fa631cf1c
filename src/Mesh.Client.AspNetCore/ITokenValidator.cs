namespace Mesh.Client.AspNetCore;

/// <summary>
/// Finds out who bears a token, before the authority signs a certificate for him. The one that is registered by default takes the secret of
/// the authority's directory and lets its bearer have every identity: for development, never for production. Register another before or
/// after <c>AddMeshControlPlane</c> to replace it.
/// </summary>
public interface ITokenValidator
{
    /// <summary>
    /// Judges a token. What is thrown means that no judgement was possible: the caller is told to come again, the exception's type is logged
    /// and nothing else of it.
    /// </summary>
    /// <param name="token">As it came, at most 64 KiB, at least one byte; valid during the call only. It must not be logged.</param>
    /// <param name="identity">
    /// The DNS name that is asked for, in lower case. A token that has an identity of its own is judged without it: the authority compares
    /// the answer's with this one.
    /// </param>
    /// <param name="cancellationToken">The caller has left.</param>
    /// <returns>The bearer's identity, or why the token is refused.</returns>
    ValueTask<TokenValidation> ValidateAsync(ReadOnlyMemory<byte> token, string identity, CancellationToken cancellationToken);
}

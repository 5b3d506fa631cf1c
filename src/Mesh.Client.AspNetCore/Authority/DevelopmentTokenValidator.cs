using System.Security.Cryptography;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Takes the secret of the authority's directory, and its bearer at his word: he may have any identity. Never for production: one workload
/// that is broken into is all of them.
/// </summary>
internal sealed class DevelopmentTokenValidator(MeshAuthority authority) : ITokenValidator
{
    public ValueTask<TokenValidation> ValidateAsync(ReadOnlyMemory<byte> token, string identity, CancellationToken cancellationToken)
    {
        if (token.Span.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return new(TokenValidation.Invalid("the token is not printable text without spaces"));
        }

        // Hashes have one length: how long the secret is stays secret too.
        bool same = authority.TokenHash is { } secret
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(token.Span), secret);
        return new(same
            ? TokenValidation.Accept(identity)
            : TokenValidation.NotAuthenticated("the token is not the one in the authority's directory"));
    }
}

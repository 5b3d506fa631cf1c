using Mesh.Client.AspNetCore;

namespace Mesh.Client.FunctionalTests.Authority;

/// <summary>Says of every token what the test wants.</summary>
internal sealed class AnsweringTokenValidator(Func<TokenValidation> answer) : ITokenValidator
{
    public ValueTask<TokenValidation> ValidateAsync(ReadOnlyMemory<byte> token, string identity, CancellationToken cancellationToken) =>
        new(answer());
}

using Mesh.Client.AspNetCore;

namespace Mesh.Client.FunctionalTests.Authority;

/// <summary>Accepts every token, once it is let go.</summary>
internal sealed class HeldTokenValidator : ITokenValidator
{
    private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public void Release() => _free.TrySetResult();

    public async ValueTask<TokenValidation> ValidateAsync(
        ReadOnlyMemory<byte> token, string identity, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        await _free.Task.WaitAsync(cancellationToken);
        return TokenValidation.Accept(identity);
    }
}

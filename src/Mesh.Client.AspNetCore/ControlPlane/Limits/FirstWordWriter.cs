using Grpc.Core;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>Tells when a stream has said its first word.</summary>
internal sealed class FirstWordWriter<T>(IServerStreamWriter<T> inner, GatePass pass) : IServerStreamWriter<T>
{
    private bool _spoke;

    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) =>
        _spoke ? inner.WriteAsync(message, cancellationToken) : FirstAsync(message, cancellationToken);

    private async Task FirstAsync(T message, CancellationToken cancellationToken)
    {
        await inner.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        _spoke = true;
        pass.Opened();
    }
}

using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>
/// Makes first connections ahead of the first call, some at a time: thousands of endpoints that appear at once must not be thousands of
/// handshakes at once.
/// </summary>
internal sealed class ConnectionWarmer(CredentialStore credentials) : IDisposable
{
    private const int AtOnce = 16;

    private readonly SemaphoreSlim _gate = new(AtOnce);
    private readonly CancellationTokenSource _stop = new();

    public void Warm(EndpointRuntime endpoint)
    {
        CancellationToken stop = _stop.Token;
        _ = Detached.Run(() => Task.Run(() => WarmAsync(endpoint, stop), stop));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task WarmAsync(EndpointRuntime endpoint, CancellationToken stop)
    {
        // Discovery is often faster than our first certificate.
        if (endpoint.IsSecured)
        {
            await credentials.WhenReadyAsync(stop).ConfigureAwait(false);
        }

        await _gate.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await endpoint.Pool.WarmAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}

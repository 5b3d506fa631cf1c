using Mesh.Client.Identity;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// What a new credential or bundle means for connections: a new leaf renews them, spread over a tenth of its life, so that many endpoints
/// are not many handshakes at once; an anchor that is withdrawn ends what it vouched for at once.
/// </summary>
internal sealed partial class CredentialRotation(
    CredentialStore credentials, TlsConnections connections, TimeProvider time, ILogger<CredentialRotation> logger)
{
    private const double SpreadShare = 0.1;

    /// <summary>Runs until cancelled.</summary>
    /// <param name="services">The services that run at a moment.</param>
    public async Task RunAsync(Func<ServiceRuntime[]> services, CancellationToken stop)
    {
        Credential? shown = null;
        TrustBundle? trusted = null;
        while (!stop.IsCancellationRequested)
        {
            Task changed = credentials.Changed;
            CredentialState state = credentials.Current;
            if (state.TrustBundle is { } bundle && !bundle.Equals(trusted))
            {
                int ended = connections.EndDistrusted(bundle);
                if (ended > 0)
                {
                    LogDistrusted(ended);
                }

                trusted = bundle;
            }

            if (state.Credential is { } credential && !credential.Equals(shown))
            {
                if (shown is not null)
                {
                    Renew(services(), Spread(credential, shown));
                }

                shown = credential;
            }

            // Calls may wait for it; and they may read why it is not there.
            Array.ForEach(services(), service => service.NotifyChanged());
            await changed.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Not beyond the end of what is shown now.</summary>
    private TimeSpan Spread(Credential next, Credential shown)
    {
        TimeSpan spread = (next.NotAfter - next.NotBefore) * SpreadShare;
        TimeSpan left = shown.NotAfter - time.GetUtcNow();
        spread = left < spread ? left : spread;
        return spread > TimeSpan.Zero ? spread : TimeSpan.Zero;
    }

    private static void Renew(ServiceRuntime[] services, TimeSpan spread)
    {
        foreach (ServiceRuntime service in services)
        {
            Array.ForEach(service.Snapshot.Endpoints, endpoint => endpoint.RenewWithin(spread));
        }
    }

    [LoggerMessage(EventId = 1, EventName = "ConnectionsDistrusted", Level = LogLevel.Information,
        Message = "{Count} connections were ended: the anchors that vouched for them are trusted no longer.")]
    private partial void LogDistrusted(int count);
}

using System.Collections.Concurrent;
using Mesh.Client.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// The TLS connections that are open. Each ends in time: at once when its client's anchor is trusted no longer; gracefully within a
/// tenth of the life of a new leaf of ours, and at nine tenths of what the client's certificate has left.
/// </summary>
internal sealed partial class ServerConnections(CredentialStore credentials, TimeProvider time, ILogger<ServerConnections> logger)
    : BackgroundService
{
    private const double OfPeerLife = 0.9;
    private const double OfLeafLife = 0.1;

    private readonly ConcurrentDictionary<ServerConnection, bool> _open = [];

    /// <summary>As they are now.</summary>
    public IReadOnlyCollection<ServerConnection> Open => [.. _open.Keys];

    public void Add(ServerConnection connection)
    {
        _open[connection] = true;
        if (connection.Peer?.NotAfter is { } end)
        {
            DateTimeOffset now = time.GetUtcNow();
            connection.CloseAt(now + ((end - now) * OfPeerLife));
        }

        // The credential may have changed since the handshake began.
        Look(connection, credentials.Current);
    }

    public void Remove(ServerConnection connection)
    {
        _open.TryRemove(connection, out _);
        connection.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (credentials.IsEnabled && !stoppingToken.IsCancellationRequested)
        {
            Task changed = credentials.Changed;
            CredentialState state = credentials.Current;
            int aborted = 0;
            foreach (ServerConnection connection in _open.Keys)
            {
                aborted += Look(connection, state) ? 1 : 0;
            }

            if (aborted > 0)
            {
                LogAnchorRemoved(aborted);
            }

            await changed.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether it was ended at once.</returns>
    private bool Look(ServerConnection connection, CredentialState state)
    {
        if (connection.Peer?.Anchor is { } anchor && state.TrustBundle?.Contains(anchor) == false)
        {
            connection.Abort("The anchor that vouched for the client is trusted no longer.");
            return true;
        }

        if (state.Credential is { } credential && connection.Credential is { } shown && !shown.Equals(credential))
        {
            connection.CloseAt(Spread(credential, shown));
        }

        return false;
    }

    /// <summary>Some time in a tenth of the new leaf's life, and before the old one ends: not every client comes back at once.</summary>
    private DateTimeOffset Spread(Credential next, Credential shown)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan window = (next.NotAfter - next.NotBefore) * OfLeafLife;
        TimeSpan left = shown.NotAfter - now;
        window = left < window ? left : window;
        return now + (window > TimeSpan.Zero ? window * Random.Shared.NextDouble() : TimeSpan.Zero);
    }

    [LoggerMessage(EventId = 1, EventName = "AnchorRemoved", Level = LogLevel.Warning,
        Message = "{Count} connections were ended: the anchor that vouched for their clients is trusted no longer.")]
    private partial void LogAnchorRemoved(int count);
}

using Grpc.Core;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Identity;

/// <summary>
/// A control plane that signs certificates (Linkerd's <c>Identity/Certify</c>). Anchors come from a file: who signs does not say whom
/// to trust. Each certificate has a key of its own.
/// </summary>
/// <param name="controlPlane">Where it is; only for words and for how long to back off.</param>
/// <param name="invoker">The connection to it, authenticated by its server's certificate at least: the token goes over it.</param>
/// <param name="identity">A DNS name.</param>
/// <param name="tokenPath">Holds what shows who we are.</param>
/// <param name="trustBundlePath">A PEM file or a directory of them.</param>
internal sealed class CertifyCredentialSource(
    Uri controlPlane,
    CallInvoker invoker,
    WorkloadIdentity identity,
    string tokenPath,
    string trustBundlePath,
    TimeProvider time,
    ILogger<CertifyCredentialSource> logger) : ICredentialSource
{
    // Linkerd's.
    private const double RefreshShare = 0.7;
    private static readonly TimeSpan MinRefresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxRefresh = TimeSpan.FromHours(24);

    public string Name { get; } = $"control plane {ControlPlaneAddress.Text(controlPlane)}";

    public IAsyncEnumerable<CredentialUpdate> WatchAsync(CancellationToken cancellationToken) =>
        CredentialFeed.WatchAsync(Name, logger, RunAsync, cancellationToken);

    /// <summary>How long to keep a certificate before the next is asked for: 70 % of what is left of it, 10 s to 24 h.</summary>
    public static TimeSpan RefreshAfter(TimeSpan left)
    {
        TimeSpan wait = left * RefreshShare;
        return wait < MinRefresh ? MinRefresh : wait > MaxRefresh ? MaxRefresh : wait;
    }

    private Task RunAsync(CredentialFeed feed, CancellationToken cancellationToken)
    {
        var trust = new TrustBundleFiles(trustBundlePath);
        return CredentialFeed.RunBothAsync(
            stop => FilePoll.RunAsync(time, () => trust.Look(feed), stop), stop => CertifyAsync(feed, stop), cancellationToken);
    }

    private async Task CertifyAsync(CredentialFeed feed, CancellationToken cancellationToken)
    {
        var client = new CertifyClient(Name, invoker, identity, tokenPath, time);
        var backoff = new Backoff(time, controlPlane.IsLoopback ? Backoff.LoopbackMaximum : Backoff.Maximum);
        while (true)
        {
            try
            {
                Credential credential = await client.CertifyAsync(cancellationToken).ConfigureAwait(false);
                feed.Take(credential);
                backoff.Reset();
                DateTimeOffset now = time.GetUtcNow();
                await WallClock.UntilAsync(time, now + RefreshAfter(credential.NotAfter - now), cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (CredentialException exception)
            {
                feed.RefuseCredential(exception.Message);
                await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

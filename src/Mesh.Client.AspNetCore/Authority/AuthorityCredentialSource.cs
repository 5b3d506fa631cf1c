using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>The process that serves the authority gets its own credential from it, without a call and without a token.</summary>
internal sealed class AuthorityCredentialSource(
    MeshAuthority authority, WorkloadIdentity identity, TimeProvider time, ILogger<AuthorityCredentialSource> logger) : ICredentialSource
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    public string Name => "authority of this process";

    public IAsyncEnumerable<CredentialUpdate> WatchAsync(CancellationToken cancellationToken) =>
        CredentialFeed.WatchAsync(Name, logger, RunAsync, cancellationToken);

    private async Task RunAsync(CredentialFeed feed, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait = RetryAfter;
            Task changed = authority.Changed.Signalled;
            try
            {
                // Whoever needs it first opens it: no order of start-up has to be kept.
                authority.Open();
                if (authority.TrustBundle is { } anchors)
                {
                    feed.Take(anchors);
                }

                Credential credential = Issue();
                feed.Take(credential);
                wait = CertifyCredentialSource.RefreshAfter(credential.NotAfter - time.GetUtcNow());
            }
            catch (Exception exception) when (exception is AuthorityException or ObjectDisposedException)
            {
                feed.RefuseCredential(exception is AuthorityException ? exception.Message : "the authority is closed");
            }

            await UntilAsync(time.GetUtcNow() + wait, changed, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task UntilAsync(DateTimeOffset moment, Task changed, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(WallClock.UntilAsync(time, moment, stop.Token), changed).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Credential Issue()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        IssuedCertificate issued = authority.Issue(identity, new PublicKey(key));
        X509Certificate2? joined = PrivateKeys.TryJoin(issued.Leaf, key, out string? problem);
        return (joined is null ? null : Credential.TryCreate(joined, [.. issued.Chain], out problem))
            ?? throw new AuthorityException($"the authority's certificate is of no use: {problem}");
    }
}

using Microsoft.Extensions.Logging;

namespace Mesh.Client.Identity;

/// <summary>
/// Certificate, key and anchors in files that someone else rotates: Kubernetes secrets, cert-manager's CSI driver, openssl.
/// </summary>
internal sealed class FileCredentialSource(
    string certificatePath, string keyPath, string trustBundlePath, TimeProvider time, ILogger<FileCredentialSource> logger)
    : ICredentialSource
{
    public string Name => $"certificate {certificatePath}";

    public IAsyncEnumerable<CredentialUpdate> WatchAsync(CancellationToken cancellationToken) =>
        CredentialFeed.WatchAsync(Name, logger, RunAsync, cancellationToken);

    private Task RunAsync(CredentialFeed feed, CancellationToken cancellationToken)
    {
        var credential = new CredentialFiles(certificatePath, keyPath, time);
        var trust = new TrustBundleFiles(trustBundlePath);

        // Anchors first: where both change, the new leaf's peers must be known before they answer it.
        return FilePoll.RunAsync(time, () =>
        {
            trust.Look(feed);
            credential.Look(feed);
        }, cancellationToken);
    }
}

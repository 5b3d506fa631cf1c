using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>Turns a Workload API's messages into credential and anchors. One watch owns it; its two streams share it.</summary>
/// <param name="wanted">Which identity to take where there are several; null for the first.</param>
internal sealed class SpiffeState(string name, CredentialFeed feed, WorkloadIdentity? wanted, TimeProvider time)
{
    private readonly Lock _lock = new();
    private string? _home;

    public void Apply(X509SVIDResponse message)
    {
        X509SVID? svid = message.Svids.FirstOrDefault(svid => wanted is null || svid.SpiffeId == wanted.Name);
        try
        {
            if (svid is null)
            {
                string offered = string.Join(", ", message.Svids.Select(other => WorkloadIdentity.ParseUri(other.SpiffeId)));
                feed.RefuseCredential($"{name} has no identity {wanted?.Name ?? "at all"} for this process; it has: {offered}");
                return;
            }

            lock (_lock)
            {
                _home = WorkloadIdentity.ParseUri(svid.SpiffeId)?.TrustDomain;
                IEnumerable<KeyValuePair<string, ByteString>> own = _home is null ? [] : [new(_home, svid.Bundle)];
                Take([.. message.FederatedBundles, .. own]);
            }

            Credential? credential = Read(svid, out string? problem);
            if (credential is null)
            {
                feed.RefuseCredential($"{name} sent an identity of no use: {problem}");
            }
            else
            {
                feed.Take(credential);
            }
        }
        finally
        {
            foreach (X509SVID each in message.Svids)
            {
                Wipe(each.X509SvidKey);
            }
        }
    }

    public void Apply(X509BundlesResponse message)
    {
        lock (_lock)
        {
            Take([.. message.Bundles]);
        }
    }

    private void Take(KeyValuePair<string, ByteString>[] bundles)
    {
        var domains = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal);
        string? problem = null;
        foreach ((string key, ByteString der) in bundles)
        {
            // SPIRE writes the domain as an id, spiffe://domain.
            string domain = key.StartsWith("spiffe://", StringComparison.Ordinal) ? key["spiffe://".Length..].TrimEnd('/') : key;
            if (CertificateEncoding.TryReadDer(der.Span, out string? reason) is { } anchors)
            {
                domains[domain] = anchors;
            }
            else
            {
                problem ??= $"{domain}: {reason}";
            }
        }

        TrustBundle? bundle = problem is null ? TrustBundle.TryCreate(domains, _home, out problem) : null;
        if (bundle is null)
        {
            feed.RefuseTrust($"{name} sent anchors of no use: {problem}");
        }
        else
        {
            feed.Take(bundle);
        }
    }

    private Credential? Read(X509SVID svid, out string? problem)
    {
        X509Certificate2Collection? chain = CertificateEncoding.TryReadDer(svid.X509Svid.Span, out problem);
        if (chain is null)
        {
            return null;
        }

        using X509Certificate2 leaf = chain[0];
        chain.RemoveAt(0);
        byte[] key = svid.X509SvidKey.ToByteArray();
        try
        {
            X509Certificate2? joined = PrivateKeys.TryJoinPkcs8(leaf, key, out problem);
            Credential? credential = joined is null ? null : Credential.TryCreate(joined, chain, out problem);
            if (credential is not null && !credential.Identities.Any(identity => identity.Name == svid.SpiffeId))
            {
                problem = $"its certificate is for {string.Join(", ", credential.Identities)}, not for the SPIFFE ID beside it";
            }
            else if (credential is not null && credential.NotAfter <= time.GetUtcNow())
            {
                problem = $"its certificate ended at {credential.NotAfter:u}";
            }

            return problem is null ? credential : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The message is ours alone; what the transport's buffers still hold is out of reach.</summary>
    private static void Wipe(ByteString secret) =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(secret.Memory).Span);
}

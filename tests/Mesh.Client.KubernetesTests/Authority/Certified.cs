using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>What a workload was given.</summary>
internal sealed record Certified(X509Certificate2 Leaf, X509Certificate2Collection Intermediates)
{
    /// <summary>Who signed it.</summary>
    public string Issuer => Leaf.Issuer;

    /// <summary>As a peer verifies it that trusts these anchors; null: it holds.</summary>
    public string? Problem(string pem, string identity = Replica.Web, TimeProvider? time = null)
    {
        TrustBundle anchors = TrustBundle.TryCreate(CertificateEncoding.TryReadPem(pem, out _)!, out _)!;
        return new PeerVerifier(time ?? TimeProvider.System, PeerRole.Server)
            .Verify(Leaf, Intermediates, anchors, WorkloadIdentity.ParseDns(identity)!).Problem;
    }
}

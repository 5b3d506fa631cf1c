using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>An anchor that workloads trust.</summary>
/// <param name="Certificate">Itself.</param>
/// <param name="Since">When it was published first.</param>
/// <param name="Until">When it goes: the issuer has another; null: it is the issuer's.</param>
internal sealed record Anchor(X509Certificate2 Certificate, DateTimeOffset Since, DateTimeOffset? Until)
{
    public string Thumbprint { get; } = TrustBundle.Thumbprint(Certificate);
}

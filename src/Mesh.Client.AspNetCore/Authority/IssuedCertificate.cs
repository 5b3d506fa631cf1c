using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.AspNetCore.Authority;

/// <param name="Leaf">Without its key, which the authority has never seen.</param>
/// <param name="Intermediate">Who signed it.</param>
internal sealed record IssuedCertificate(X509Certificate2 Leaf, X509Certificate2 Intermediate)
{
    public DateTimeOffset NotAfter { get; } = new(Leaf.NotAfter.ToUniversalTime());
}

using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.AspNetCore.Authority;

/// <param name="Leaf">Without its key, which the authority has never seen.</param>
/// <param name="Chain">Who signed it, and who that, without the anchor.</param>
internal sealed record IssuedCertificate(X509Certificate2 Leaf, ImmutableArray<X509Certificate2> Chain)
{
    /// <summary>Who signed it; not there where an anchor did.</summary>
    public X509Certificate2 Intermediate => Chain[0];

    public DateTimeOffset NotAfter { get; } = new(Leaf.NotAfter.ToUniversalTime());
}

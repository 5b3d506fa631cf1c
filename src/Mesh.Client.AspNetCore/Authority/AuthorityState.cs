using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>The authority as it stands, for people.</summary>
/// <param name="Source">Where its issuer is from; null: nowhere, it is not served.</param>
/// <param name="Issuer">Who signs; null: nobody yet.</param>
/// <param name="NotAfter">When that ends, with the chain above it.</param>
/// <param name="Anchors">What workloads trust; null while nothing is known.</param>
/// <param name="Problem">Why there is no newer one; null while nothing is wrong.</param>
internal sealed record AuthorityState(
    string? Source, X509Certificate2? Issuer, DateTimeOffset? NotAfter, TrustBundle? Anchors, string? Problem);

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Says that the authority's issuer comes from elsewhere than a directory, and may come late: whoever registers it hands it to
/// <see cref="MeshAuthority.Take"/>.
/// </summary>
/// <param name="Name">Where it is from, in words: <c>Secret mesh/mesh-issuer</c>.</param>
internal sealed record ExternalIssuer(string Name);

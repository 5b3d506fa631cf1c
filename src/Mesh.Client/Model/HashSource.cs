namespace Mesh.Client.Model;

/// <summary>One part of a request that its hash is made from.</summary>
/// <param name="Kind">Which part.</param>
/// <param name="Name">The name of the header, cookie or query parameter; empty for the path.</param>
/// <param name="Terminal">When this one gives a hash, later ones are not looked at.</param>
internal readonly record struct HashSource(HashSourceKind Kind, string Name, bool Terminal = false);

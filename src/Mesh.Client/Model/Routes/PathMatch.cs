namespace Mesh.Client.Model.Routes;

/// <summary>What a request's path must be, percent-encoded as it is sent. Case matters.</summary>
/// <param name="Kind">How it is compared.</param>
/// <param name="Value">A path that begins with a slash, or a regular expression.</param>
internal readonly record struct PathMatch(PathMatchKind Kind, string Value);

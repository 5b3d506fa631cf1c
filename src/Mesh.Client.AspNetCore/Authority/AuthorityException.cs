namespace Mesh.Client.AspNetCore.Authority;

/// <summary>The authority cannot do its work. The message names the place and what to do, and holds no secret.</summary>
internal sealed class AuthorityException(string message) : InvalidOperationException(message);

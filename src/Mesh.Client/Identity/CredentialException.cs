namespace Mesh.Client.Identity;

/// <summary>A credential could not be had. The message says why and holds no secret; it never leaves the sources.</summary>
internal sealed class CredentialException(string message) : Exception(message);

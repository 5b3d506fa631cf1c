namespace Mesh.Client.Transport;

/// <summary>No connection can be made for want of a certificate of our own. It says nothing about the endpoint.</summary>
internal sealed class CredentialMissingException(string message) : ConnectFailedException(message, null);

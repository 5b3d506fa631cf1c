namespace Mesh.Client.Transport;

/// <summary>A connection to an endpoint could not be made: nothing of the request has left this process.</summary>
internal class ConnectFailedException(string message, Exception? inner) : IOException(message, inner);

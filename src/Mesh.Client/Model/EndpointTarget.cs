namespace Mesh.Client.Model;

/// <summary>
/// What a connection is made to. Another identity at the same address is another target: it gets connections, load and health of its own.
/// </summary>
internal sealed record EndpointTarget(EndpointAddress Address, EndpointTransport Transport);

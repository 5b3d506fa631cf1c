using Mesh.Client.AspNetCore.ControlPlane.Limits;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>One stream of a connected client, until it ends.</summary>
internal sealed class ClientStream(ConnectedClients clients, ConnectedClient client, AskedFor kind, string? service) : IDisposable
{
    private volatile string? _service = service;

    public ConnectedClient Client { get; } = client;

    public AskedFor Kind { get; } = kind;

    /// <summary>As the client names it; null while that is not known.</summary>
    public string? Service => _service;

    /// <summary>The service that it asks for; null for a registration, which is for one and asks for none.</summary>
    public string? Watched => Kind is AskedFor.Registration ? null : _service;

    /// <summary>What a registration is for, known with its first message.</summary>
    public void IsFor(string name) => _service = name;

    public void Dispose() => clients.Close(this);
}

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>All streams, and what was told of the services that they ask for, at one moment.</summary>
internal sealed record ConnectedSnapshot(ClientStream[] Streams, KeyValuePair<string, ToldService?>[] Services);

using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>What clients are told of a service.</summary>
/// <param name="State">As a source says it now.</param>
/// <param name="Known">What clients go by: the latest that was known; null once it is not found or refused.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Since">When it was told first, of the time that somebody asked for it without a gap.</param>
internal sealed record ToldService(EndpointSet State, EndpointSet? Known, string? Source, DateTimeOffset Since);

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>
/// Who a stream is for. Those of one process are alike in all of it, but for those that tell no workload: <see cref="ClientFold"/> puts
/// them to the others.
/// </summary>
/// <param name="Identity">As its verified certificate says; null where it showed none.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="Workload">What it says of itself, without the node; of registrations nothing.</param>
internal sealed record ClientKey(string? Identity, string Address, ClientWorkload Workload);

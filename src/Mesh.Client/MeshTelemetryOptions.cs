namespace Mesh.Client;

/// <summary>What the mesh tells of itself beyond what it always does.</summary>
public sealed class MeshTelemetryOptions
{
    /// <summary>
    /// Whether there is a second meter, <c>Mesh.Client.Linkerd</c>, with the outbound metrics of Linkerd's proxy under its names and
    /// labels, for dashboards that know those. Read at the start only. Default false.
    /// </summary>
    public bool LinkerdNames { get; set; }

    /// <summary>
    /// Whether each call is logged when it has ended: one line of the category <c>Mesh.Client.AccessLog</c>, level Information, with
    /// neither headers nor query. May be changed while the process runs. Default false.
    /// </summary>
    public bool AccessLog { get; set; }
}

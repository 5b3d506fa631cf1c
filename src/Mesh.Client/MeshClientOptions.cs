namespace Mesh.Client;

/// <summary>
/// What the mesh client does: how names are read, which control plane is asked, and what applies to each service.
/// Bound to the configuration section <c>Mesh</c>, which may change while the process runs; an invalid change is refused as a
/// whole, logged with the path of every mistake, and the last valid state stays.
/// </summary>
/// <remarks>
/// For every setting of a service alone, the first place that says something holds: the service's entry for the port
/// (<see cref="MeshServiceOptions.Ports"/>), the service (<see cref="Services"/>), <see cref="Defaults"/>, the built-in value.
/// </remarks>
public sealed class MeshClientOptions
{
    /// <summary>
    /// The namespace that a name of one label belongs to: <c>catalog</c> is <c>catalog.{Namespace}</c>. One DNS label; default
    /// <c>default</c>; with Linkerd the pod's own.
    /// </summary>
    public string Namespace
    {
        get;
        set
        {
            field = value;
            HasNamespace = true;
        }
    } = "default";

    /// <summary>The DNS suffix of the cluster, behind <c>.svc</c>. Default <c>cluster.local</c>.</summary>
    public string ClusterDomain { get; set; } = "cluster.local";

    /// <summary>
    /// Further DNS suffixes whose names belong to the mesh, such as <c>shop.internal</c>; such names are asked for as they are
    /// written. A list in configuration replaces one from code. Default empty.
    /// </summary>
    public IList<string> Domains { get; } = [];

    /// <summary>The control plane that is asked for services without local endpoints.</summary>
    public MeshControlPlaneOptions ControlPlane { get; } = new();

    /// <summary>A Linkerd control plane. Default: none.</summary>
    public MeshLinkerdOptions Linkerd { get; } = new();

    /// <summary>Who this process is and whom it believes. Default: a mesh without TLS.</summary>
    public MeshIdentityOptions Identity { get; } = new();

    /// <summary>What the mesh tells of itself. Default: metrics and logs, without a line for each call.</summary>
    public MeshTelemetryOptions Telemetry { get; } = new();

    /// <summary>What happens to a call for a name that no source knows. Default <see cref="UnknownServices.Fail"/>.</summary>
    public UnknownServices UnknownServices { get; set; } = UnknownServices.Fail;

    /// <summary>
    /// Settings for every service that does not say otherwise. <see cref="MeshServiceOptions.Port"/>,
    /// <see cref="MeshServiceOptions.Ports"/> and <see cref="MeshServiceOptions.Endpoints"/> belong to one service and are refused here.
    /// </summary>
    public MeshServiceOptions Defaults { get; } = new();

    /// <summary>
    /// Settings of single services. The key is the service's name without a port, in any of its forms: <c>catalog</c>,
    /// <c>catalog.shop</c>, <c>catalog.shop.svc.cluster.local</c>. Upper and lower case are the same; two keys that mean the same
    /// service are refused. Default empty.
    /// </summary>
    public IDictionary<string, MeshServiceOptions> Services { get; } =
        new Dictionary<string, MeshServiceOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether somebody said it.</summary>
    internal bool HasNamespace { get; private set; }

    /// <summary>The paths of what nobody said and Linkerd's chart or the pod did.</summary>
    internal HashSet<string> Filled { get; } = [];

    /// <summary>What a section got wrong, kept here so that one validation reports it together with the rules.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = nameof(MeshClientOptions);
}

namespace Mesh.Client.AspNetCore;

/// <summary>What a mesh server does; the section <c>Mesh:Server</c>.</summary>
public sealed class MeshServerOptions
{
    /// <summary>
    /// Who may call where no <c>RequireMeshIdentity</c> says otherwise, written as Linkerd names it, such as <c>all-authenticated</c>.
    /// Default <see cref="MeshInboundPolicy.AllUnauthenticated"/>. A change in configuration holds from the next request on. It is
    /// decided before the application's own middleware, by the path as it came: where the policy refuses a peer, an endpoint's own
    /// rule is found only if the application does not rewrite the path (<c>UsePathBase</c>) to reach it.
    /// </summary>
    public MeshInboundPolicy InboundPolicy { get; set; }

    /// <summary>
    /// The service that this application is an instance of, as its callers name it, such as <c>catalog</c>. With it, and with
    /// <c>Mesh:ControlPlane:Address</c>, the application registers with the control plane once it listens, and leaves before it stops
    /// listening. Default null: it does not register. Read at the start, as all that is said here of the instance.
    /// </summary>
    public string? Service { get; set; }

    /// <summary>
    /// A name for this instance, stable over restarts: what it hashes by, and what takes the place of an earlier registration. Default
    /// null: the machine's name and the port.
    /// </summary>
    public string? Instance { get; set; }

    /// <summary>The zone it runs in. Default null: unknown.</summary>
    public string? Zone { get; set; }

    /// <summary>Its share relative to its siblings, 1 to 1000000. Default 1.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>
    /// Where it is called, <c>ip:port</c>, for an application that cannot know by itself, as behind a port mapping. Default null: the
    /// first address that it listens on, http before https; for one that listens on all addresses, the one that it reaches the control
    /// plane from.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>What else is to be known of it. Default empty.</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>();

    /// <summary>
    /// The header in which an HTTP request says how many milliseconds are left for it, such as <c>x-request-timeout-ms</c>; it becomes the
    /// <see cref="MeshDeadline"/> of the calls that the application makes meanwhile. gRPC needs none: <c>grpc-timeout</c> is always taken
    /// over. Default null: HTTP requests have no deadline. A change in configuration holds from the next request on.
    /// </summary>
    public string? DeadlineHeader { get; set; }

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = nameof(MeshServerOptions);
}

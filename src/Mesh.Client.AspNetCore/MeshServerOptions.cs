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

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = nameof(MeshServerOptions);
}

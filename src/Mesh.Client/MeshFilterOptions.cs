namespace Mesh.Client;

/// <summary>
/// What is done to a call: exactly one of its members. In a list, <see cref="RequestHeaders"/>, <see cref="ResponseHeaders"/>,
/// <see cref="Rewrite"/> and <see cref="Redirect"/> stand once (Gateway API).
/// </summary>
public sealed class MeshFilterOptions
{
    /// <summary>Changes the request's headers (RequestHeaderModifier of the Gateway API). Default null.</summary>
    public MeshHeaderChangeOptions? RequestHeaders { get; set; }

    /// <summary>
    /// Changes the response's headers (ResponseHeaderModifier of the Gateway API): of an endpoint's, not of the answer that a redirect or a
    /// fault gives in its place. Default null.
    /// </summary>
    public MeshHeaderChangeOptions? ResponseHeaders { get; set; }

    /// <summary>Sends the request with another host or path (URLRewrite of the Gateway API). Default null.</summary>
    public MeshRewriteOptions? Rewrite { get; set; }

    /// <summary>Answers with a redirect instead of sending the request (RequestRedirect of the Gateway API). Default null.</summary>
    public MeshRedirectOptions? Redirect { get; set; }

    /// <summary>Makes calls slow or fail on purpose (Envoy's fault filter). Default null.</summary>
    public MeshFaultOptions? Fault { get; set; }

    /// <summary>Sends a copy of the request elsewhere too (RequestMirror of the Gateway API). Default null.</summary>
    public MeshMirrorOptions? Mirror { get; set; }
}

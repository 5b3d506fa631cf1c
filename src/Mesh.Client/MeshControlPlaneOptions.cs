namespace Mesh.Client;

/// <summary>Which control plane is asked.</summary>
public sealed class MeshControlPlaneOptions
{
    /// <summary>
    /// Where it listens: an absolute <c>http</c> or <c>https</c> address such as <c>http://127.0.0.1:8086</c>.
    /// Default null: no control plane, services have only the endpoints that other sources give.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// Whom to expect there: the DNS name or URI that its certificate carries. With it the connection is TLS without ALPN, HTTP/2 by prior
    /// knowledge, mutually authenticated (but for asking for the first certificate), whether the address says http or https. Needs
    /// <see cref="MeshClientOptions.Identity"/>. Default null: <c>http</c> is plaintext, and <c>https</c> is verified by host name and the
    /// system's roots.
    /// </summary>
    public string? Identity { get; set; }

    /// <summary>
    /// Whether it is asked for routes, retries, timeouts and profiles too (<c>io.linkerd.proxy.outbound</c> and <c>GetProfile</c>, at the
    /// same address), as the embedded control plane serves them, instead of endpoints alone. It is then asked for names below the
    /// cluster's domain only. Default false. Only for <see cref="MeshClientOptions.ControlPlane"/>: Linkerd's is always asked.
    /// </summary>
    public bool Policies { get; set; }
}

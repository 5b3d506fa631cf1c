namespace Mesh.Client.Model;

/// <summary>
/// A service in its one canonical form: the host as the control plane knows it
/// (<c>catalog.shop.svc.cluster.local</c>) and a port. The scheme is no part of it.
/// </summary>
/// <param name="Host">Lower-case host name without a trailing dot.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record ServiceName(string Host, int Port)
{
    /// <summary><c>host:port</c>: what is asked of a control plane.</summary>
    public string Authority { get; } = $"{Host}:{Port}";

    public override string ToString() => Authority;
}

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>
/// What a port's <c>appProtocol</c> says. Of those that are not TLS there is nothing to say: a request's own version chooses between
/// HTTP/1.1 and HTTP/2 by prior knowledge.
/// </summary>
internal static class AppProtocols
{
    public static bool IsHttps(string? appProtocol) =>
        "https".Equals(appProtocol, StringComparison.OrdinalIgnoreCase)
        || "kubernetes.io/wss".Equals(appProtocol, StringComparison.OrdinalIgnoreCase);
}

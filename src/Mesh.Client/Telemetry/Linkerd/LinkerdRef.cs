namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What Linkerd's labels call a Kubernetes object: group, kind, namespace, name and port.</summary>
internal readonly record struct LinkerdRef(string Group, string Kind, string Namespace, string Name, string Port)
{
    /// <param name="service">A canonical name and a port. One that is below no <c>svc</c> is no object of Kubernetes.</param>
    public static LinkerdRef OfService(string service)
    {
        int colon = service.LastIndexOf(':');
        string port = colon < 0 ? "" : service[(colon + 1)..];
        string host = colon < 0 ? service : service[..colon];
        string[] labels = host.Split('.', 4);
        return labels.Length >= 3 && labels[2] == "svc"
            ? new("core", "Service", labels[1], labels[0], port)
            : new("", "default", "", host, port);
    }

    /// <param name="route">Its name.</param>
    /// <param name="parent">The service whose route it is.</param>
    /// <param name="isDefault">It stands for there being none.</param>
    public static LinkerdRef OfRoute(string route, LinkerdRef parent, bool isGrpc, bool isDefault) => isDefault
        ? new("", "default", "", isGrpc ? "grpc" : "http", "")
        : new("gateway.networking.k8s.io", isGrpc ? "GRPCRoute" : "HTTPRoute", parent.Namespace, route, "");

    /// <summary>Of a service.</summary>
    public KeyValuePair<string, object?>[] Labels(string prefix) =>
        [.. Named(prefix), new($"{prefix}_port", Port), new($"{prefix}_section_name", "")];

    /// <summary>Of a route, which has no port.</summary>
    public KeyValuePair<string, object?>[] RouteLabels() => Named("route");

    private KeyValuePair<string, object?>[] Named(string prefix) =>
    [
        new($"{prefix}_group", Group),
        new($"{prefix}_kind", Kind),
        new($"{prefix}_namespace", Namespace),
        new($"{prefix}_name", Name),
    ];
}

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What pods say to the injector, and it to them.</summary>
internal static class InjectorNames
{
    /// <summary>Label of a pod, or of its namespace: <c>enabled</c> or <c>disabled</c>.</summary>
    public const string Inject = "mesh.client/inject";

    /// <summary>Annotation of a pod: which containers, separated by commas.</summary>
    public const string Containers = "mesh.client/inject-containers";

    /// <summary>Annotation that the injector leaves: its version.</summary>
    public const string Injected = "mesh.client/injected";

    public const string TokenFile = "token";
    public const string TrustBundleKey = "ca.crt";

    /// <summary>Sidecars of other meshes: no .NET is in them, and they get nothing unless they are named.</summary>
    public static readonly IReadOnlySet<string> Proxies = new HashSet<string>(StringComparer.Ordinal) { "linkerd-proxy", "istio-proxy" };
}

using System.Text.Json;
using Mesh.Client.Discovery.Configuration;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// The variables that a container gets: .NET's configuration, and what the downward API tells. What it sets itself stays, and where it
/// says of itself another control plane or another source of identity, what belongs to ours is left out.
/// </summary>
internal sealed class ContainerEnvironment(MeshInjectorOptions options, string controlPlaneIdentity)
{
    private const string Address = "Mesh__ControlPlane__Address";
    private const string Source = "Mesh__Identity__Source";

    private static readonly EnvironmentVariable[] Downward =
    [
        new(LinkerdEnvironment.Namespace, null, "metadata.namespace"),
        new("POD_NAME", null, "metadata.name"),
        new("POD_SERVICE_ACCOUNT", null, "spec.serviceAccountName"),
        new(LinkerdEnvironment.Node, null, "spec.nodeName"),
        new("NODE_ZONE", null, "metadata.labels['topology.kubernetes.io/zone']"),
    ];

    private readonly string _address = options.ControlPlaneAddress.OriginalString;
    private readonly string _tokenFile = $"{MountPaths.Normalize(options.TokenMountPath)}/{InjectorNames.TokenFile}";
    private readonly string _trustBundle = $"{MountPaths.Normalize(options.TrustBundleMountPath)}/{InjectorNames.TrustBundleKey}";

    /// <summary>Whether it takes its identity from our control plane.</summary>
    /// <param name="env">The container's own.</param>
    public bool TakesIdentity(JsonElement env) => TakesIdentity(Own(env));

    /// <param name="env">The container's own.</param>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="identity">The pod's.</param>
    public List<EnvironmentVariable> Missing(JsonElement env, string ns, string identity)
    {
        Dictionary<string, string?> own = Own(env);
        HashSet<string?> names = [.. env.Items().Select(variable => variable.Text("name"))];
        return
        [
            .. Downward.Where(variable => !names.Contains(variable.Name)),
            .. Configuration(own, ns, identity).Where(variable => !own.ContainsKey(variable.Name)),
        ];
    }

    // To .NET's configuration both forms are one key, whatever their case; of two values the last holds.
    private static Dictionary<string, string?> Own(JsonElement env)
    {
        var own = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement variable in env.Items())
        {
            own[(variable.Text("name") ?? "").Replace(":", "__", StringComparison.Ordinal)] = variable.Text("value");
        }

        return own;
    }

    private bool TakesControlPlane(Dictionary<string, string?> own) =>
        !own.TryGetValue(Address, out string? address) || address == _address;

    private bool TakesIdentity(Dictionary<string, string?> own) => TakesControlPlane(own)
        && (!own.TryGetValue(Source, out string? source)
            || nameof(MeshIdentitySource.ControlPlane).Equals(source, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<EnvironmentVariable> Configuration(Dictionary<string, string?> own, string ns, string identity)
    {
        yield return new("Mesh__Namespace", ns);
        if (TakesControlPlane(own))
        {
            yield return new(Address, _address);
            yield return new("Mesh__ControlPlane__Identity", controlPlaneIdentity);
            yield return new("Mesh__ControlPlane__Policies", "true");
        }

        if (!TakesIdentity(own))
        {
            yield break;
        }

        yield return new(Source, nameof(MeshIdentitySource.ControlPlane));
        yield return new("Mesh__Identity__Name", identity);
        yield return new("Mesh__Identity__TokenFile", _tokenFile);
        yield return new("Mesh__Identity__TrustBundle", _trustBundle);
        if (options.IdentityMode is { } mode)
        {
            yield return new("Mesh__Identity__Mode", mode.ToString());
        }
    }
}

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

    private readonly string _tokenFile = $"{MountPaths.Normalize(options.TokenMountPath)}/{InjectorNames.TokenFile}";
    private readonly string _trustBundle = $"{MountPaths.Normalize(options.TrustBundleMountPath)}/{InjectorNames.TrustBundleKey}";

    /// <summary>Whether it takes its identity from where we say.</summary>
    public static bool TakesIdentity(JsonElement env)
    {
        // Of two, the last holds.
        JsonElement said = env.Items().LastOrDefault(
            variable => Key(variable.Text("name") ?? "").Equals(Source, StringComparison.OrdinalIgnoreCase));
        return said.ValueKind is JsonValueKind.Undefined || IsOurs(said.Text("value"));
    }

    /// <param name="env">The container's own.</param>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="identity">The pod's.</param>
    public List<EnvironmentVariable> Missing(JsonElement env, string ns, string identity)
    {
        var own = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement variable in env.Items())
        {
            string name = variable.Text("name") ?? "";
            own[Key(name)] = variable.Text("value");
            names.Add(name);
        }

        List<EnvironmentVariable> missing = [.. Downward.Where(variable => !names.Contains(variable.Name))];
        missing.AddRange(Configuration(own, ns, identity).Where(variable => !own.ContainsKey(variable.Name)));
        return missing;
    }

    // Both are one key to .NET's configuration, whatever their case.
    private static string Key(string name) => name.Replace(":", "__", StringComparison.Ordinal);

    private static bool IsOurs(string? source) =>
        nameof(MeshIdentitySource.ControlPlane).Equals(source, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<EnvironmentVariable> Configuration(Dictionary<string, string?> own, string ns, string identity)
    {
        string address = options.ControlPlaneAddress.OriginalString;
        yield return new("Mesh__Namespace", ns);
        if (!own.TryGetValue(Address, out string? ownAddress) || ownAddress == address)
        {
            yield return new(Address, address);
            yield return new("Mesh__ControlPlane__Identity", controlPlaneIdentity);
        }

        if (own.TryGetValue(Source, out string? ownSource) && !IsOurs(ownSource))
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

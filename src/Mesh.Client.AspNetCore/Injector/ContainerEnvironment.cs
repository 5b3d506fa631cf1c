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

    /// <summary>Why it takes no identity from our control plane; null: it does.</summary>
    public string? OtherIdentity(OwnEnvironment own) =>
        !TakesControlPlane(own) ? Other(own, Address, $"another control plane than {options.ControlPlaneAddress.OriginalString}")
        : own.Has(Source) && !Says(own, MeshIdentitySource.ControlPlane) ? Other(own, Source, "another source of identity")
        : null;

    /// <param name="ns">The pod's namespace.</param>
    /// <param name="identity">The pod's; null where the container gets none.</param>
    public List<EnvironmentVariable> Missing(OwnEnvironment own, string ns, string? identity) =>
    [
        .. Downward.Where(variable => !own.HasExactly(variable.Name)),
        .. Configuration(own, ns, identity).Where(variable => !own.Has(variable.Name)),
    ];

    private static string Other(OwnEnvironment own, string name, string what) =>
        $"{name} is {(own.Value(name) is { } value ? $"'{PodName.Plain(value)}'" : "said elsewhere")}, {what}; "
        + "it gets neither identity nor token";

    private static bool Says(OwnEnvironment own, MeshIdentitySource source) =>
        source.ToString().Equals(own.Value(Source), StringComparison.OrdinalIgnoreCase);

    private bool TakesControlPlane(OwnEnvironment own) =>
        !own.Has(Address) || ControlPlaneAddress.AreSame(options.ControlPlaneAddress, own.Value(Address));

    private IEnumerable<EnvironmentVariable> Configuration(OwnEnvironment own, string ns, string? identity)
    {
        yield return new("Mesh__Namespace", ns);
        if (TakesControlPlane(own))
        {
            yield return new(Address, options.ControlPlaneAddress.OriginalString);

            // Who has no identity verifies nobody, and a client that is told to does not start.
            if (identity is not null || (own.Has(Source) && !Says(own, MeshIdentitySource.None)))
            {
                yield return new("Mesh__ControlPlane__Identity", controlPlaneIdentity);
            }

            yield return new("Mesh__ControlPlane__Policies", "true");
        }

        if (identity is null)
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

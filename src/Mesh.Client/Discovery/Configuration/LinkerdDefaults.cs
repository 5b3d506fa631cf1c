using Mesh.Client.Discovery.Configuration.Writing;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Fills what nobody said of a Linkerd control plane with what its Helm chart makes of it, and with what the pod knows of itself.
/// </summary>
internal sealed class LinkerdDefaults(LinkerdEnvironment pod) : IPostConfigureOptions<MeshClientOptions>
{
    public const string TokenFile = "/var/run/secrets/tokens/linkerd-identity-token";
    public const string TrustBundle = "/var/run/linkerd/trust-roots/ca-bundle.crt";

    public void PostConfigure(string? name, MeshClientOptions options)
    {
        MeshLinkerdOptions linkerd = options.Linkerd;
        if (linkerd.Enabled)
        {
            HashSet<string> said = [.. OptionsWriter.WriteSaid(options)];
            Fill(options, linkerd);
            options.Filled.UnionWith(OptionsWriter.WriteSaid(options).Except(said));
        }
    }

    private void Fill(MeshClientOptions options, MeshLinkerdOptions linkerd)
    {
        if (!options.HasNamespace && pod.ReadNamespace() is { } ns)
        {
            options.Namespace = ns;
        }

        linkerd.Pod ??= pod.Read(LinkerdEnvironment.Pod) ?? Environment.MachineName;
        linkerd.Node ??= pod.Read(LinkerdEnvironment.Node);
        linkerd.ServiceAccount ??= pod.Read(LinkerdEnvironment.ServiceAccount);

        bool isPlain = options.Identity is { Source: MeshIdentitySource.None, IsSourceSaid: true }
            || (IsPlain(linkerd.Destination) && IsPlain(linkerd.Policy) && linkerd.Identity is { Address: null, Identity: null });
        Fill(linkerd.Destination, options, "linkerd-dst-headless", 8086, isPlain ? null : "linkerd-destination");
        Fill(linkerd.Policy, options, "linkerd-policy", 8090, isPlain ? null : "linkerd-destination");
        Fill(linkerd.Identity, options, "linkerd-identity-headless", 8080, isPlain ? null : "linkerd-identity");
        if (options.Identity.Source is MeshIdentitySource.None && !isPlain)
        {
            options.Identity.Source = MeshIdentitySource.Linkerd;
        }

        if (options.Identity.Source is MeshIdentitySource.Linkerd)
        {
            options.Identity.TokenFile ??= TokenFile;
            options.Identity.TrustBundle ??= TrustBundle;
            options.Identity.Name ??= linkerd.ServiceAccount is { } account ? Identity(options, account, options.Namespace) : null;
        }
    }

    private static bool IsPlain(MeshControlPlaneOptions server) => server is { Address: not null, Identity: null };

    private static void Fill(MeshControlPlaneOptions server, MeshClientOptions options, string service, int port, string? account)
    {
        if (server.Address is null)
        {
            string ns = options.Linkerd.ControlPlaneNamespace;
            server.Identity ??= account is null ? null : Identity(options, account, ns);
            server.Address = Uri.TryCreate($"http://{service}.{ns}.svc.{options.ClusterDomain}:{port}", UriKind.Absolute, out Uri? address)
                ? address
                : null;
        }
    }

    private static string Identity(MeshClientOptions options, string account, string ns) =>
        $"{account}.{ns}.serviceaccount.identity.{options.Linkerd.ControlPlaneNamespace}."
            + (options.Linkerd.TrustDomain ?? options.ClusterDomain);
}

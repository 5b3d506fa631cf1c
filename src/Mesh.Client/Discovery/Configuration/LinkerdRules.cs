using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class LinkerdRules
{
    public static void Validate(MeshClientOptions options, string root, Problems problems)
    {
        MeshLinkerdOptions linkerd = options.Linkerd;
        string path = $"{root}:{nameof(options.Linkerd)}";
        if (!linkerd.Enabled)
        {
            problems.Refuse(
                options.Identity.Source is MeshIdentitySource.Linkerd,
                $"{root}:{nameof(options.Identity)}:{nameof(options.Identity.Source)}",
                $"Linkerd needs {path}:{nameof(linkerd.Enabled)}");
            return;
        }

        ValidateName($"{path}:{nameof(linkerd.ControlPlaneNamespace)}", linkerd.ControlPlaneNamespace, problems);
        problems.Refuse(
            linkerd.ControlPlaneNamespace.Contains('.'),
            $"{path}:{nameof(linkerd.ControlPlaneNamespace)}",
            $"'{linkerd.ControlPlaneNamespace}' has more than one label");
        ValidateName($"{path}:{nameof(linkerd.TrustDomain)}", linkerd.TrustDomain ?? options.ClusterDomain, problems);
        ValidateServer($"{path}:{nameof(linkerd.Destination)}", linkerd.Destination, options.Identity, problems);
        ValidateServer($"{path}:{nameof(linkerd.Policy)}", linkerd.Policy, options.Identity, problems);
        if (options.Identity.Source is MeshIdentitySource.Linkerd)
        {
            ValidateIdentity(options, root, path, problems);
        }
    }

    private static void ValidateIdentity(MeshClientOptions options, string root, string path, Problems problems)
    {
        MeshControlPlaneOptions server = options.Linkerd.Identity;
        string at = $"{path}:{nameof(options.Linkerd.Identity)}";
        OptionsValidator.ValidateControlPlane(server, at, problems);
        problems.Refuse(
            !WorkloadIdentity.TryParse(server.Identity, out _),
            $"{at}:{nameof(server.Identity)}",
            "missing, or no identity; the token goes only to a control plane whose certificate can be verified");
        if (options.Identity.Name is null)
        {
            problems.Add(
                $"{path}:{nameof(options.Linkerd.ServiceAccount)}",
                $"missing; set it, or the environment variable {LinkerdEnvironment.ServiceAccount} from spec.serviceAccountName");
        }
        else if (!WorkloadIdentity.TryParse(options.Identity.Name, out WorkloadIdentity? name) || name.IsUri)
        {
            problems.Add(
                $"{root}:{nameof(options.Identity)}:{nameof(options.Identity.Name)}", $"'{options.Identity.Name}' is no DNS name");
        }
    }

    private static void ValidateServer(string path, MeshControlPlaneOptions server, MeshIdentityOptions identity, Problems problems)
    {
        OptionsValidator.ValidateControlPlane(server, path, problems);
        problems.Refuse(
            server.Policies, $"{path}:{nameof(server.Policies)}", "only ControlPlane has it; Linkerd's policies are always asked for");
        string at = $"{path}:{nameof(server.Identity)}";
        if (server.Identity is null)
        {
            problems.Refuse(
                identity.Mode is MeshIdentityMode.Strict
                    && server.Address is { IsAbsoluteUri: true } && server.Address.Scheme == Uri.UriSchemeHttp,
                at,
                "missing; under Mode Strict the control plane is not asked in plaintext");
        }
        else if (!WorkloadIdentity.TryParse(server.Identity, out _))
        {
            problems.Add(at, $"'{server.Identity}' is neither a DNS name nor an absolute URI");
        }
        else if (identity.Source is MeshIdentitySource.None)
        {
            problems.Add(at, "without Identity:Source nothing can be verified; set both or neither");
        }
    }

    private static void ValidateName(string path, string name, Problems problems)
    {
        if (DnsNames.Problem(name) is { } problem)
        {
            problems.Add(path, $"'{name}' {problem}");
        }
    }
}

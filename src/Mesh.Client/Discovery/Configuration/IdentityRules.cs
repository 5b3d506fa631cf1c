using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class IdentityRules
{
    public static void Validate(MeshClientOptions options, string root, Problems problems)
    {
        MeshIdentityOptions identity = options.Identity;
        string path = $"{root}:{nameof(options.Identity)}";
        if (!Enum.IsDefined(identity.Mode))
        {
            problems.Add($"{path}:{nameof(identity.Mode)}", $"{(int)identity.Mode} is unknown");
        }

        switch (identity.Source)
        {
            case MeshIdentitySource.None when identity.Mode is MeshIdentityMode.Strict:
                problems.Add($"{path}:{nameof(identity.Mode)}", "Strict needs a source of certificates: set Source");
                break;
            case MeshIdentitySource.None:
                break;
            case MeshIdentitySource.Files:
                Required($"{path}:{nameof(identity.CertificateFile)}", identity.CertificateFile, problems);
                Required($"{path}:{nameof(identity.TrustBundle)}", identity.TrustBundle, problems);
                break;
            case MeshIdentitySource.ControlPlane:
                ValidateControlPlane(options, root, path, problems);
                break;
            case MeshIdentitySource.Spiffe:
                ValidateSpiffe(identity, path, problems);
                break;
            case MeshIdentitySource.Linkerd:
                // LinkerdRules: most of it has defaults there.
                break;
            default:
                problems.Add($"{path}:{nameof(identity.Source)}", $"{(int)identity.Source} is unknown");
                break;
        }

        if (identity is { Mode: MeshIdentityMode.Strict, Source: not (MeshIdentitySource.None or MeshIdentitySource.ControlPlane) }
            && options.ControlPlane is { Address.IsAbsoluteUri: true, Identity: null }
            && options.ControlPlane.Address.Scheme == Uri.UriSchemeHttp)
        {
            // Whoever changes what it says chooses whom we talk to.
            problems.Add(
                $"{root}:{nameof(options.ControlPlane)}:{nameof(options.ControlPlane.Identity)}",
                "missing; under Mode Strict the control plane is not asked in plaintext");
        }

        ValidatePeer($"{root}:{nameof(options.ControlPlane)}:{nameof(options.ControlPlane.Identity)}", options, problems);
    }

    private static void ValidateControlPlane(MeshClientOptions options, string root, string path, Problems problems)
    {
        MeshIdentityOptions identity = options.Identity;
        if (!WorkloadIdentity.TryParse(identity.Name, out WorkloadIdentity? name) || name.IsUri)
        {
            problems.Add($"{path}:{nameof(identity.Name)}", Shown(identity.Name, "no DNS name; write the identity that is asked for"));
        }

        // An authority in this very process needs neither address nor token.
        if (options.ControlPlane.Address is null)
        {
            return;
        }

        Required($"{path}:{nameof(identity.TrustBundle)}", identity.TrustBundle, problems);
        Required($"{path}:{nameof(identity.TokenFile)}", identity.TokenFile, problems);
        if (options.ControlPlane.Identity is null)
        {
            problems.Add(
                $"{root}:{nameof(options.ControlPlane)}:{nameof(options.ControlPlane.Identity)}",
                "missing; the token goes only to a control plane whose certificate can be verified");
        }
    }

    private static void ValidateSpiffe(MeshIdentityOptions identity, string path, Problems problems)
    {
        if (identity.Name is not null && !(WorkloadIdentity.TryParse(identity.Name, out WorkloadIdentity? name) && name.IsUri))
        {
            problems.Add($"{path}:{nameof(identity.Name)}", Shown(identity.Name, "no SPIFFE ID, such as spiffe://shop.example/catalog"));
        }

        string? socket = identity.Socket ?? Environment.GetEnvironmentVariable(SpiffeSocket.Variable);
        if (SpiffeSocket.TryParse(socket) is null)
        {
            string source = identity.Socket is null ? $" (environment variable {SpiffeSocket.Variable})" : "";
            problems.Add(
                $"{path}:{nameof(identity.Socket)}", Shown(socket, $"no unix socket, such as unix:///run/spire/agent.sock{source}"));
        }
    }

    private static void ValidatePeer(string path, MeshClientOptions options, Problems problems)
    {
        if (options.ControlPlane.Identity is not { } expected)
        {
            return;
        }

        if (!WorkloadIdentity.TryParse(expected, out _))
        {
            problems.Add(path, $"'{expected}' is neither a DNS name nor an absolute URI");
        }
        else if (options.Identity.Source is MeshIdentitySource.None)
        {
            problems.Add(path, "without Identity:Source nothing can be verified; set both or neither");
        }
    }

    private static void Required(string path, string? value, Problems problems)
    {
        if (string.IsNullOrEmpty(value))
        {
            problems.Add(path, "missing");
        }
    }

    private static string Shown(string? value, string problem) =>
        string.IsNullOrEmpty(value) ? $"missing, or {problem}" : $"'{value}' is {problem}";
}

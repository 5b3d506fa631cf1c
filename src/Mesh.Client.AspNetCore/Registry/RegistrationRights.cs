using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>
/// Who may register for which service: whom the options name; without a rule a verified identity of the service's own namespace. Where
/// an identity or a service tells no namespace, and where nobody is verified at all, only a rule says no.
/// </summary>
internal sealed class RegistrationRights(IOptions<MeshClientOptions> mesh, IOptions<MeshRegistryOptions> options)
{
    // By the names that the validator saw: there are no two for one service.
    private readonly Dictionary<string, PeerNames> _rules = options.Value.Services.ToDictionary(
        service => ServiceNames.Canonical(service.Key, mesh.Value) ?? service.Key,
        service => PeerNames.Parse([.. service.Value.Identities]),
        StringComparer.Ordinal);

    /// <summary>Why a caller may not, for the caller to read; null when it may.</summary>
    /// <param name="host">The canonical host of the service.</param>
    /// <param name="peer">Who calls; null where that is not known.</param>
    public string? Problem(string host, IMeshPeerFeature? peer)
    {
        string section = $"{options.Value.SectionPath}:{nameof(MeshRegistryOptions.Services)}";
        if (_rules.TryGetValue(host, out PeerNames? names))
        {
            return names.Match(peer)
                ? null
                : $"{peer?.Identity ?? "a caller without a verified identity"} may not register for {host}, "
                    + $"by the control plane's {section}";
        }

        if (peer?.Identity is not { } identity || Namespace(host) is not { } own)
        {
            return null;
        }

        IReadOnlyList<string> theirs = IdentityNamespace.Of(peer);
        return theirs.Count == 0 || theirs.Contains(own, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{identity} is of namespace {theirs[0]}, and {host} of {own}; "
                + $"{section}:<name>:{nameof(MeshRegistryServiceOptions.Identities)} of the control plane allows that";
    }

    private static string? Namespace(string host) => host.Split('.') is [_, { } name, "svc", ..] ? name : null;
}

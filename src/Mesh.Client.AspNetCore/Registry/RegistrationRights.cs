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
    private const string LinkerdInfix = ".serviceaccount.identity.";

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

        List<string> theirs = [.. peer.Identities.Append(identity).Select(NamespaceOf).OfType<string>()];
        return theirs.Count == 0 || theirs.Contains(own, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{identity} is of namespace {theirs[0]}, and {host} of {own}; "
                + $"{section}:<name>:{nameof(MeshRegistryServiceOptions.Identities)} of the control plane allows that";
    }

    /// <summary>
    /// Of <c>{account}.{namespace}.serviceaccount.identity.…</c> and <c>spiffe://{domain}/ns/{namespace}/sa/{account}</c>; else null.
    /// </summary>
    internal static string? NamespaceOf(string identity)
    {
        if (identity.Contains("://", StringComparison.Ordinal))
        {
            return identity.Split('/') is ["spiffe:", "", _, "ns", { Length: > 0 } space, "sa", _] ? space : null;
        }

        int infix = identity.IndexOf(LinkerdInfix, StringComparison.OrdinalIgnoreCase);
        return infix > 0 && identity[..infix].Split('.') is [_, { Length: > 0 } name] ? name : null;
    }

    private static string? Namespace(string host) => host.Split('.') is [_, { } name, "svc", ..] ? name : null;
}

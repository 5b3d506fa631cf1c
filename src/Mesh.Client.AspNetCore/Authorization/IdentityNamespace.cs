using Mesh.Client.AspNetCore.ControlPlane;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>The namespace that an identity tells.</summary>
internal static class IdentityNamespace
{
    private const string Infix = ".serviceaccount.identity.";

    /// <summary>
    /// Of <c>{account}.{namespace}.serviceaccount.identity.…</c> and <c>spiffe://{domain}/ns/{namespace}/sa/{account}</c>; else null, as
    /// where it is none that Kubernetes would take.
    /// </summary>
    public static string? Of(string identity)
    {
        if (identity.Contains("://", StringComparison.Ordinal))
        {
            return identity.Split('/') is ["spiffe:", "", _, "ns", { } space, "sa", _] ? Clean(space) : null;
        }

        // An account may have dots, and whoever names it may write anything between them: a namespace has none, and is what stands last.
        int infix = identity.LastIndexOf(Infix, StringComparison.OrdinalIgnoreCase);
        return infix > 0 && identity[..infix].Split('.') is [{ Length: > 0 }, .., { } name] ? Clean(name) : null;
    }

    /// <summary>Of every name that a verified peer has; empty where it has none, or none tells one.</summary>
    public static IReadOnlyList<string> Of(IMeshPeerFeature? peer) => peer?.Identity is { } identity
        ? [.. peer.Identities.Prepend(identity).Select(Of).OfType<string>().Distinct(StringComparer.Ordinal)]
        : [];

    private static string? Clean(string name) => WorkloadReader.Namespace(name.ToLowerInvariant());
}

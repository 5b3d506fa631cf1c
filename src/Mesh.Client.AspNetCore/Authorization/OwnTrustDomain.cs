using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// Which peers are of this cluster: those whose trust domain is that of our own certificate. Of a Linkerd name it is what follows
/// <c>.serviceaccount.identity.</c>, of a SPIFFE name its trust domain; other names have none.
/// </summary>
internal sealed class OwnTrustDomain(CredentialStore store)
{
    private const string LinkerdInfix = ".serviceaccount.identity.";

    private Own _own = new(null, []);

    /// <summary>Without a credential of our own nobody is; one that has expired still tells where we belong.</summary>
    public bool Contains(IMeshPeerFeature? peer)
    {
        if (peer?.Identity is null)
        {
            return false;
        }

        Own own = Current();
        for (int i = 0; i < peer.Identities.Count; i++)
        {
            ReadOnlySpan<char> domain = Of(peer.Identities[i]);
            foreach (string ours in own.Domains)
            {
                if (domain.Equals(ours, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Empty when the name has none. SPIFFE's keeps its scheme, so that it never equals a Linkerd name's.</summary>
    internal static ReadOnlySpan<char> Of(string name)
    {
        const string Spiffe = "spiffe://";
        ReadOnlySpan<char> text = name;
        if (text.StartsWith(Spiffe, StringComparison.Ordinal))
        {
            int end = text[Spiffe.Length..].IndexOf('/');
            return end < 0 ? text : text[..(Spiffe.Length + end)];
        }

        int infix = text.IndexOf(LinkerdInfix, StringComparison.OrdinalIgnoreCase);
        return infix < 0 || text.Contains("://", StringComparison.Ordinal) ? [] : text[(infix + LinkerdInfix.Length)..];
    }

    private Own Current()
    {
        Own own = Volatile.Read(ref _own);
        if (store.Current.Credential is not { } credential || ReferenceEquals(credential, own.Credential))
        {
            return own;
        }

        List<string> domains = [];
        foreach (WorkloadIdentity identity in credential.Identities)
        {
            if (Of(identity.Name) is { Length: > 0 } domain)
            {
                domains.Add(domain.ToString());
            }
        }

        own = new Own(credential, [.. domains]);
        Volatile.Write(ref _own, own);
        return own;
    }

    private sealed record Own(Credential? Credential, string[] Domains);
}

using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Model;

/// <summary>
/// A workload's name in its certificate: a DNS name (Linkerd's, in lower case) or a URI (SPIFFE's, compared byte by byte).
/// </summary>
internal sealed record WorkloadIdentity
{
    private const string SpiffeScheme = "spiffe://";
    private const int MaxDnsLength = 253;
    private const int MaxUriLength = 2048;

    private WorkloadIdentity(string name, bool isUri)
    {
        Name = name;
        IsUri = isUri;
    }

    public string Name { get; }

    /// <summary>The name stands in a URI SAN; otherwise in a DNS SAN.</summary>
    public bool IsUri { get; }

    /// <summary>The domain whose anchors vouch for a <c>spiffe://</c> name; null for every other.</summary>
    public string? TrustDomain =>
        IsUri && Name.StartsWith(SpiffeScheme, StringComparison.Ordinal) ? Name[SpiffeScheme.Length..].Split('/', 2)[0] : null;

    /// <summary>Reads a DNS name without trailing dot or wildcard, or an absolute URI with an authority.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WorkloadIdentity? identity)
    {
        bool isUri = text?.Contains("://", StringComparison.Ordinal) == true;
        identity = isUri ? ParseUri(text!) : ParseDns(text);
        return identity is not null;
    }

    /// <summary>Reads what a DNS SAN holds.</summary>
    public static WorkloadIdentity? ParseDns(string? text)
    {
        if (text is not { Length: > 0 and <= MaxDnsLength })
        {
            return null;
        }

        foreach (string label in text.Split('.'))
        {
            if (label.Length is 0 or > 63 || label.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                return null;
            }
        }

        return new WorkloadIdentity(string.Create(text.Length, text, ToLowerAscii), isUri: false);
    }

    /// <summary>Reads what a URI SAN holds. The form stays as it is: whoever compares compares what the authority has signed.</summary>
    public static WorkloadIdentity? ParseUri(string? text)
    {
        if (text is not { Length: > 0 and <= MaxUriLength } || text.Any(c => c is <= ' ' or > '~'))
        {
            return null;
        }

        bool valid = Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && uri.Authority.Length > 0
            && (!text.StartsWith(SpiffeScheme, StringComparison.OrdinalIgnoreCase) || IsSpiffe(text, uri));
        return valid ? new WorkloadIdentity(text, isUri: true) : null;
    }

    public override string ToString() => Name;

    /// <summary>SPIFFE-ID §2: scheme and trust domain in lower case, no port, user, query or fragment.</summary>
    private static bool IsSpiffe(string text, Uri uri) =>
        text.StartsWith(SpiffeScheme, StringComparison.Ordinal)
        && !text.AsSpan().ContainsAny("?#%")
        && text[SpiffeScheme.Length..].Split('/', 2)[0]
            .All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_')
        && uri.AbsolutePath.Length > 1;

    private static void ToLowerAscii(Span<char> target, string text) => System.Text.Ascii.ToLower(text, target, out _);
}

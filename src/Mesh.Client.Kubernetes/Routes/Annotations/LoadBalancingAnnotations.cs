using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary>
/// <c>mesh.client/load-balancing</c>, <c>hash-on</c>, <c>bounded-load</c> and <c>endpoint-key</c> of a Service: what neither the Gateway
/// API nor Linkerd has a place for.
/// </summary>
internal static class LoadBalancingAnnotations
{
    private const string Prefix = "mesh.client/";
    private const string Terminal = ";terminal";
    private const string LabelKey = "label:";

    /// <summary>Null: none of them is there.</summary>
    /// <param name="annotations">Of the Service.</param>
    /// <param name="policies">What a policy may be named.</param>
    public static LoadBalancingSettings? Read(ObjectAnnotations annotations, PolicyNames policies)
    {
        var read = new LoadBalancingSettings
        {
            Policy = Policy(annotations, policies),
            HashOn = HashOn(annotations),
            BoundedLoad = annotations.Value(Prefix + "bounded-load", Percent, "a percentage from 100, such as 125, or 0 for no bound"),
            EndpointKey = Key(annotations),
        };
        return read is { Policy: null, HashOn: null, BoundedLoad: null, EndpointKey: null } ? null : read;
    }

    private static string? Policy(ObjectAnnotations annotations, PolicyNames policies)
    {
        const string Name = Prefix + "load-balancing";
        if (annotations[Name] is not { } policy || policies.Problem(policy) is not { } problem)
        {
            return annotations[Name];
        }

        annotations.Report(Name, problem);
        return null;
    }

    private static ImmutableArray<HashSource>? HashOn(ObjectAnnotations annotations)
    {
        const string Name = Prefix + "hash-on";
        if (annotations[Name] is not { } list)
        {
            return null;
        }

        string[] parts = list.Split(',', StringSplitOptions.TrimEntries);
        var sources = new HashSource[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (Source(parts[i]) is not { } source)
            {
                annotations.Report(Name, $"'{parts[i]}' is none of header:<name>, cookie:<name>, query:<name> and path");
                return null;
            }

            sources[i] = source;
        }

        return ImmutableArray.Create(sources);
    }

    private static HashSource? Source(string text)
    {
        bool terminal = text.EndsWith(Terminal, StringComparison.OrdinalIgnoreCase);
        string part = terminal ? text[..^Terminal.Length].TrimEnd() : text;
        if (part.Equals("path", StringComparison.OrdinalIgnoreCase))
        {
            return new HashSource(HashSourceKind.Path, "", terminal);
        }

        int colon = part.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : part[..colon].Trim(), name = part[(colon + 1)..].Trim();
        return kind.Equals("header", StringComparison.OrdinalIgnoreCase) && HttpTokens.IsToken(name)
                ? new HashSource(HashSourceKind.Header, name, terminal)
            : kind.Equals("cookie", StringComparison.OrdinalIgnoreCase) && HttpTokens.IsToken(name)
                ? new HashSource(HashSourceKind.Cookie, name, terminal)
            : kind.Equals("query", StringComparison.OrdinalIgnoreCase) && name.Length > 0
                ? new HashSource(HashSourceKind.Query, name, terminal)
            : null;
    }

    private static int? Percent(string text) =>
        int.TryParse(text.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out int percent) && percent is 0 or >= 100
            ? percent
            : null;

    private static EndpointKey? Key(ObjectAnnotations annotations)
    {
        const string Name = Prefix + "endpoint-key";
        switch (annotations[Name])
        {
            case null:
                return null;
            case { } text when text.Equals(nameof(EndpointKeyKind.Address), StringComparison.OrdinalIgnoreCase):
                return EndpointKey.Address;
            case { } text when text.Equals(nameof(EndpointKeyKind.HashKey), StringComparison.OrdinalIgnoreCase):
                return EndpointKey.HashKey;
            case { } text when text.StartsWith(LabelKey, StringComparison.OrdinalIgnoreCase) && text.Length > LabelKey.Length:
                return new EndpointKey(EndpointKeyKind.Label, text[LabelKey.Length..].Trim());
            case { } text:
                annotations.Report(Name, $"'{text}' is none of Address, HashKey and Label:<name>");
                return null;
        }
    }
}

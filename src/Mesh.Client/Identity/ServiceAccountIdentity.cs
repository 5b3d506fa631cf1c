using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>
/// The names that the mesh gives to Kubernetes' service accounts. One service account has one name and the other way round: a namespace
/// has no dot, a service account may have.
/// </summary>
internal static class ServiceAccountIdentity
{
    /// <summary>Of a control plane that nobody told otherwise.</summary>
    public const string DefaultTemplate = $"{ServiceAccount}.{Namespace}.serviceaccount.identity.mesh.cluster.local";

    public const string ServiceAccount = "{serviceaccount}";
    public const string Namespace = "{namespace}";

    private const string Start = $"{ServiceAccount}.{Namespace}.";
    private const string UserPrefix = "system:serviceaccount:";

    /// <summary>Why a template is of no use, to be read after its place; null for a good one.</summary>
    public static string? Problem(string template) =>
        !template.StartsWith(Start, StringComparison.Ordinal) || template.AsSpan(Start.Length).ContainsAny('{', '}')
            ? $"'{template}' does not begin with {Start} followed by a domain: no two service accounts may have one name"
        : Fill("a", "a", template) is null ? $"'{template}' makes no DNS name"
        : null;

    /// <summary>The service account's name; null where there is no such account, or where the name would be no DNS name.</summary>
    /// <param name="serviceAccount">May hold dots.</param>
    /// <param name="template">One that <see cref="Problem"/> finds nothing in.</param>
    public static WorkloadIdentity? Fill(string? @namespace, string? serviceAccount, string template = DefaultTemplate) =>
        IsLabel(@namespace) && serviceAccount is { Length: > 0 } && Array.TrueForAll(serviceAccount.Split('.'), IsLabel)
            ? WorkloadIdentity.ParseDns(
                template.Replace(Namespace, @namespace, StringComparison.Ordinal)
                    .Replace(ServiceAccount, serviceAccount, StringComparison.Ordinal))
            : null;

    /// <summary>Whose name it is.</summary>
    /// <returns>False: no service account's by this template.</returns>
    public static bool TryParse(
        string? identity,
        [NotNullWhen(true)] out string? @namespace,
        [NotNullWhen(true)] out string? serviceAccount,
        string template = DefaultTemplate)
    {
        (@namespace, serviceAccount) = (null, null);
        string end = template[(Start.Length - 1)..];
        if (identity?.EndsWith(end, StringComparison.OrdinalIgnoreCase) != true)
        {
            return false;
        }

        string account = identity[..^end.Length];
        int dot = account.LastIndexOf('.');
        if (dot < 0 || Fill(account[(dot + 1)..].ToLowerInvariant(), account[..dot].ToLowerInvariant(), template) is null)
        {
            return false;
        }

        (@namespace, serviceAccount) = (account[(dot + 1)..].ToLowerInvariant(), account[..dot].ToLowerInvariant());
        return true;
    }

    /// <summary>Reads a user's name as Kubernetes gives it to service accounts: <c>system:serviceaccount:NAMESPACE:NAME</c>.</summary>
    /// <returns>False: somebody else.</returns>
    public static bool TryParseUser(
        string? user, [NotNullWhen(true)] out string? @namespace, [NotNullWhen(true)] out string? serviceAccount)
    {
        (@namespace, serviceAccount) = (null, null);
        if (user?.StartsWith(UserPrefix, StringComparison.Ordinal) != true
            || user[UserPrefix.Length..].Split(':') is not [{ Length: > 0 } ns, { Length: > 0 } account])
        {
            return false;
        }

        (@namespace, serviceAccount) = (ns, account);
        return true;
    }

    // RFC 1123, as Kubernetes checks namespaces and each part of a service account's name.
    private static bool IsLabel([NotNullWhen(true)] string? label) =>
        label is { Length: > 0 and <= 63 } && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');
}

using System.Text.Json;
using Mesh.Client.Discovery.Configuration;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// Who asks for a policy: <c>{"ns":"shop","pod":"catalog-1"}</c>, with <c>external_workload</c> in place of the pod, or as it was before,
/// <c>shop:catalog-1</c>.
/// </summary>
internal static class WorkloadReader
{
    /// <summary>False where it is none of these.</summary>
    /// <param name="text">As it came.</param>
    /// <param name="ns">The namespace of who asks; null where it is none that Kubernetes would take.</param>
    public static bool TryRead(string text, out string? ns)
    {
        ns = null;
        if (!text.StartsWith('{'))
        {
            string[] parts = text.Split(':');
            ns = Namespace(parts[0]);
            return parts is [{ Length: > 0 }, { Length: > 0 }];
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            ns = IsText(json.RootElement, "ns") ? Namespace(json.RootElement.GetProperty("ns").GetString()!) : null;
            return IsText(json.RootElement, "ns") && (IsText(json.RootElement, "pod") || IsText(json.RootElement, "external_workload"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate is legal JSON and no text.
            return false;
        }
    }

    /// <summary>The namespace of a Destination request's context token; null: it says none.</summary>
    public static string? NamespaceOf(string contextToken)
    {
        TryRead(contextToken, out string? ns);
        return ns;
    }

    /// <summary>Null where it is no name of a namespace: it becomes part of what is asked of an API server.</summary>
    public static string? Namespace(string text) =>
        text.Length is > 0 and <= 63 && !text.Contains('.') && DnsNames.Problem(text) is null ? text : null;

    private static bool IsText(JsonElement workload, string name) =>
        workload.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String && value.GetString()!.Length > 0;
}

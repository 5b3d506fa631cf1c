using System.Text.Json;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// Who asks for a policy: <c>{"ns":"shop","pod":"catalog-1"}</c>, with <c>external_workload</c> in place of the pod, or as it was before,
/// <c>shop:catalog-1</c>.
/// </summary>
internal static class WorkloadReader
{
    /// <summary>Whether it is one of these.</summary>
    public static bool IsWorkload(string text)
    {
        if (!text.StartsWith('{'))
        {
            return text.Split(':') is [{ Length: > 0 }, { Length: > 0 }];
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return IsText(json.RootElement, "ns") && (IsText(json.RootElement, "pod") || IsText(json.RootElement, "external_workload"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate is legal JSON and no text.
            return false;
        }
    }

    private static bool IsText(JsonElement workload, string name) =>
        workload.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String && value.GetString()!.Length > 0;
}

using System.Text.Json;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>Texts in what was sent, whatever was sent.</summary>
internal static class JsonText
{
    /// <summary>The text of that name in an object; null: there is none, or none that is Unicode.</summary>
    public static string? Of(JsonElement parent, string name)
    {
        try
        {
            return parent.ValueKind is JsonValueKind.Object
                && parent.TryGetProperty(name, out JsonElement text) && text.ValueKind is JsonValueKind.String
                    ? text.GetString()
                    : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

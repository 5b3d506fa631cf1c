using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Looks into what may have any form: what is not there, null, or of another kind is nothing.</summary>
internal static class JsonReading
{
    /// <summary>A member of an object; <see cref="JsonValueKind.Undefined"/> where there is none, or null.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member)
        && member.ValueKind is not JsonValueKind.Null ? member : default;

    /// <summary>A member's text; null where it is none.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The same where empty means nothing, as Go leaves it out.</summary>
    public static string? NonEmptyText(this JsonElement element, string name) =>
        element.Text(name) is { Length: > 0 } text ? text : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>Something may be added to it: it is there in this form, or not there at all.</summary>
    public static bool IsAbsentOr(this JsonElement element, JsonValueKind kind) =>
        element.ValueKind is JsonValueKind.Undefined || element.ValueKind == kind;
}

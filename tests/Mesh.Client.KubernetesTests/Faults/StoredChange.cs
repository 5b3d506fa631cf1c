using System.Text.Json.Nodes;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>One object before and after; null: it was not there.</summary>
internal sealed record StoredChange(ulong Version, (string Group, string Plural) Kind, JsonObject? Before, JsonObject? After)
{
    /// <summary>The event that a watch with that selector is sent; null: none.</summary>
    public string? EventFor(ListSelector selector) => (selector.Selects(Before), selector.Selects(After)) switch
    {
        (false, true) => Event("ADDED", After!),
        (true, true) => Event("MODIFIED", After!),
        (true, false) => Event("DELETED", Versioned(Before!)),
        _ => null,
    };

    public static string Bookmark(ulong version, bool endsInitialEvents = false)
    {
        string annotations = endsInitialEvents ? ""","annotations":{"k8s.io/initial-events-end":"true"}""" : "";
        return $$"""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"{{version}}"{{annotations}} } } }""";
    }

    public static string Event(string type, JsonNode item) => $$"""{"type":"{{type}}","object":{{item.ToJsonString()}}}""";

    // What was deleted has the version of its deletion.
    private JsonObject Versioned(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        copy["metadata"]!["resourceVersion"] = Version.ToString();
        return copy;
    }
}

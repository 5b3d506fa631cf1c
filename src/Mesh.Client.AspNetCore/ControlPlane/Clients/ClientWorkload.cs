using System.Text.Json;
using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>
/// What a client says of itself in the token of its requests; nobody has verified it. Equal by namespace and pod: of one process some
/// requests tell the node and some do not.
/// </summary>
internal sealed record ClientWorkload(string? Namespace, string? Pod, string? Node)
{
    private const int MaxToken = 1024;

    public static readonly ClientWorkload None = new(null, null, null);

    /// <summary>As Linkerd's proxies write it, and as ours: <c>{"ns":"shop","nodeName":"node-1","pod":"web-1"}</c>, or <c>shop:web-1</c>.</summary>
    public static ClientWorkload Read(string token)
    {
        if (token.Length is 0 or > MaxToken)
        {
            return None;
        }

        if (token[0] != '{')
        {
            return token.Split(':') is [var ns, var pod] ? new ClientWorkload(Clean(ns), Clean(pod), null) : None;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(token);
            return new ClientWorkload(
                Text(json.RootElement, "ns"),
                Text(json.RootElement, "pod") ?? Text(json.RootElement, "external_workload"),
                Text(json.RootElement, "nodeName"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return None;
        }
    }

    public bool Equals(ClientWorkload? other) => other is not null && Namespace == other.Namespace && Pod == other.Pod;

    public override int GetHashCode() => HashCode.Combine(Namespace, Pod);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? Clean(value.GetString()!) : null;

    private static string? Clean(string text) => RpcReason.Clean(text) is { Length: > 0 } clean ? clean : null;
}

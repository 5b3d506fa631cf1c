using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>Reads objects one by one: what makes no sense is refused, and the others hold.</summary>
/// <param name="type">The kind.</param>
/// <param name="namespace">That they are in; empty: any, and the key then begins with it.</param>
/// <param name="report">Told of each that is refused.</param>
internal sealed class ObjectReader<T>(ResourceType<T> type, string @namespace, Action<BadInput> report)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object's own version; null: it has none.</summary>
    public static string? VersionOf(JsonElement sent) => Metadata(sent, "resourceVersion");

    /// <summary>Whether the bookmark says that all there was at the beginning has been sent.</summary>
    public static bool EndsInitialEvents(JsonElement sent) =>
        sent.ValueKind is JsonValueKind.Object
        && sent.TryGetProperty("metadata", out JsonElement metadata) && metadata.ValueKind is JsonValueKind.Object
        && metadata.TryGetProperty("annotations", out JsonElement annotations)
        && JsonText.Of(annotations, "k8s.io/initial-events-end") is "true";

    /// <summary>What it is kept under; null: it is refused.</summary>
    public string? KeyOf(JsonElement sent)
    {
        string? name = Metadata(sent, "name");
        string? place = Metadata(sent, "namespace");
        if (string.IsNullOrEmpty(name))
        {
            Refuse("metadata.name", "is missing");
            return null;
        }

        if (@namespace.Length == 0)
        {
            return $"{place}/{name}";
        }

        if (place != @namespace)
        {
            Refuse("metadata.namespace", $"of {RpcReason.Clean(name)} is not {@namespace}");
            return null;
        }

        return name;
    }

    /// <summary>The object; null: it is refused.</summary>
    public T? Read(JsonElement sent)
    {
        try
        {
            if (type.Read(sent) is { Metadata: not null } read)
            {
                type.Trim?.Invoke(read);
                return read;
            }

            Refuse("object", "is empty");
        }
        catch (Exception exception)
        {
            // Of foreign converters, too.
            Refuse("object", $"{RpcReason.Clean(Metadata(sent, "name") ?? "without a name")}: {RpcReason.Clean(exception.Message)}");
        }

        return null;
    }

    /// <summary>Something that was sent makes no sense.</summary>
    public void Refuse(string place, string problem) =>
        report(new BadInput($"{type.Name} {place}", $"{type.Name} in namespace {@namespace}: {place} {problem}"));

    private static string? Metadata(JsonElement sent, string name) =>
        sent.ValueKind is JsonValueKind.Object && sent.TryGetProperty("metadata", out JsonElement metadata)
            ? JsonText.Of(metadata, name)
            : null;
}

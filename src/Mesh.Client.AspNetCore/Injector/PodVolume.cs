using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>One of the two volumes that a pod gets.</summary>
/// <param name="Name">Where nothing else is called so.</param>
/// <param name="What">In logs and warnings.</param>
/// <param name="MountPath">In every container.</param>
/// <param name="IsSame">Whether a volume of the pod is this one, whatever else it says.</param>
/// <param name="WriteSource">Writes all but the name.</param>
internal sealed record PodVolume(
    string Name, string What, string MountPath, Func<JsonElement, bool> IsSame, Action<Utf8JsonWriter> WriteSource) : IPatchValue
{
    /// <summary>A token for the control plane, which kubelet keeps fresh.</summary>
    public static PodVolume Token(MeshInjectorOptions options) => new(
        "mesh-client-token",
        "token",
        options.TokenMountPath,
        volume => volume.Member("projected").Member("sources").Items().Any(source =>
            source.Member("serviceAccountToken") is var token
            && token.Text("audience") == options.TokenAudience && token.Text("path") == InjectorNames.TokenFile),
        json =>
        {
            json.WriteStartObject("projected");
            json.WriteStartArray("sources");
            json.WriteStartObject();
            json.WriteStartObject("serviceAccountToken");
            json.WriteString("audience", options.TokenAudience);
            json.WriteNumber("expirationSeconds", (long)options.TokenLifetime.TotalSeconds);
            json.WriteString("path", InjectorNames.TokenFile);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary>The anchors.</summary>
    public static PodVolume TrustBundle(MeshInjectorOptions options) => new(
        "mesh-client-trust-bundle",
        "anchors",
        options.TrustBundleMountPath,
        volume => volume.Member("configMap").Text("name") == options.TrustBundleConfigMap,
        json =>
        {
            json.WriteStartObject("configMap");
            json.WriteString("name", options.TrustBundleConfigMap);
            json.WriteEndObject();
        });

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        WriteSource(json);
        json.WriteEndObject();
    }
}

using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Where a container sees a volume, to read only.</summary>
internal sealed record VolumeMount(string Volume, string Path) : IPatchValue
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Volume);
        json.WriteString("mountPath", Path);
        json.WriteBoolean("readOnly", true);
        json.WriteEndObject();
    }
}

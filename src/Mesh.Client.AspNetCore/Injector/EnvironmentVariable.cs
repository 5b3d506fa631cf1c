using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>One of a container's.</summary>
/// <param name="Value">Null: of the field.</param>
/// <param name="Field">A field of the pod, which kubelet reads.</param>
internal sealed record EnvironmentVariable(string Name, string? Value, string? Field = null) : IPatchValue
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        if (Field is null)
        {
            json.WriteString("value", Value);
        }
        else
        {
            json.WriteStartObject("valueFrom");
            json.WriteStartObject("fieldRef");
            json.WriteString("fieldPath", Field);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

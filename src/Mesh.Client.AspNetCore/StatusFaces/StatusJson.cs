using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>The status as JSON: names in camel case, nothing where there is nothing.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.General,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeshStatus))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    public static byte[] Write(MeshStatus status) => JsonSerializer.SerializeToUtf8Bytes(status, Default.MeshStatus);
}

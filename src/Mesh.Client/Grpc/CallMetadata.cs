using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Client.Grpc;

/// <summary>The metadata by which gRPC callers and the mesh talk inside one process. None of it goes on the wire.</summary>
internal static class CallMetadata
{
    public const string HashKey = "mesh-hash-key";

    /// <summary>The same for keys that are not ASCII, as text metadata must be.</summary>
    public const string BinaryHashKey = "mesh-hash-key-bin";

    public const string Info = "mesh-call-info";

    /// <summary>The value by which a caller asks for <see cref="Info"/>.</summary>
    public const string Wanted = "1";

    public static string Write(MeshCallInfo info) => JsonSerializer.Serialize(info, CallMetadataJson.Default.MeshCallInfo);

    /// <summary>Null for what is none.</summary>
    public static MeshCallInfo? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, CallMetadataJson.Default.MeshCallInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(MeshCallInfo))]
internal sealed partial class CallMetadataJson : JsonSerializerContext;

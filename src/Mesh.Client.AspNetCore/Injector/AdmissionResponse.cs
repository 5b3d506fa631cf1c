using System.Buffers;
using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Writes answers as the API server reads them.</summary>
internal static class AdmissionResponse
{
    /// <summary>The pod may be; nobody is ever denied.</summary>
    /// <param name="patch">JSON Patch; empty for none.</param>
    public static void WriteAllowed(IBufferWriter<byte> output, string uid, ReadOnlySpan<byte> patch, IReadOnlyList<string> warnings)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("kind", "AdmissionReview");
        json.WriteString("apiVersion", "admission.k8s.io/v1");
        json.WriteStartObject("response");
        json.WriteString("uid", uid);
        json.WriteBoolean("allowed", true);
        if (!patch.IsEmpty)
        {
            json.WriteString("patchType", "JSONPatch");
            json.WriteBase64String("patch", patch);
        }

        if (warnings.Count > 0)
        {
            json.WriteStartArray("warnings");
            foreach (string warning in warnings)
            {
                json.WriteStringValue(warning);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What came was no review of a pod: a <c>Status</c>, whose message the API server passes on.</summary>
    public static void WriteStatus(IBufferWriter<byte> output, int code, string reason, string message)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("kind", "Status");
        json.WriteString("apiVersion", "v1");
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteString("status", "Failure");
        json.WriteString("message", message);
        json.WriteString("reason", reason);
        json.WriteNumber("code", code);
        json.WriteEndObject();
    }
}

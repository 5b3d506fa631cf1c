using System.Buffers;
using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>A JSON Patch (RFC 6902) that only adds.</summary>
internal sealed class PodPatch : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _json;

    public PodPatch()
    {
        _json = new Utf8JsonWriter(_bytes);
        _json.WriteStartArray();
    }

    public bool IsEmpty { get; private set; } = true;

    /// <summary>A part of a path: RFC 6901.</summary>
    public static string Escape(string key) =>
        key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Adds to a list at its end; where it is not there, or null, it is made.</summary>
    /// <param name="list">As it is now.</param>
    public void Append(string path, JsonElement list, IReadOnlyCollection<IPatchValue> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        if (list.ValueKind is JsonValueKind.Array)
        {
            foreach (IPatchValue value in values)
            {
                Add($"{path}/-", value.Write);
            }

            return;
        }

        Add(path, json =>
        {
            json.WriteStartArray();
            foreach (IPatchValue value in values)
            {
                value.Write(json);
            }

            json.WriteEndArray();
        });
    }

    public void Add(string path, Action<Utf8JsonWriter> value)
    {
        IsEmpty = false;
        _json.WriteStartObject();
        _json.WriteString("op", "add");
        _json.WriteString("path", path);
        _json.WritePropertyName("value");
        value(_json);
        _json.WriteEndObject();
    }

    public byte[] ToBytes()
    {
        _json.WriteEndArray();
        _json.Flush();
        return _bytes.WrittenSpan.ToArray();
    }

    public void Dispose() => _json.Dispose();
}

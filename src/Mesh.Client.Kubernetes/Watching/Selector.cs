using k8s;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>A selector that this process can follow by itself: labels that equal values, or one name.</summary>
internal sealed class Selector
{
    private const string Name = "metadata.name";

    private readonly KeyValuePair<string, string>[] _labels;
    private readonly string? _name;

    private Selector(KeyValuePair<string, string>[] labels, string? name) => (_labels, _name) = (labels, name);

    /// <summary>Whether it selects everything.</summary>
    public bool IsAll => _labels.Length == 0 && _name is null;

    /// <summary>Null: only the API server can follow it.</summary>
    public static Selector? Of(string? labels, string? fields)
    {
        string? name = null;
        if (!string.IsNullOrEmpty(fields))
        {
            if (Equality(fields) is not { Key: Name } field)
            {
                return null;
            }

            name = field.Value;
        }

        var equalities = new List<KeyValuePair<string, string>>();
        foreach (string part in string.IsNullOrEmpty(labels) ? [] : labels.Split(','))
        {
            if (Equality(part) is not { } label)
            {
                return null;
            }

            equalities.Add(label);
        }

        return new Selector([.. equalities], name);
    }

    public bool Selects(IKubernetesObject<V1ObjectMeta> item)
    {
        if (_name is not null && item.Metadata.Name != _name)
        {
            return false;
        }

        foreach ((string key, string value) in _labels)
        {
            if (item.Metadata.Labels is not { } labels || !labels.TryGetValue(key, out string? actual) || actual != value)
            {
                return false;
            }
        }

        return true;
    }

    // A name and a value, with = or == between them, and nothing that selectors have a meaning for.
    private static KeyValuePair<string, string>? Equality(string text)
    {
        string[] parts = text.Replace("==", "=", StringComparison.Ordinal).Split('=');
        return parts.Length == 2 && parts[0].Length > 0 && text.AsSpan().IndexOfAny("!(), ") < 0
            ? new KeyValuePair<string, string>(parts[0], parts[1])
            : null;
    }
}

using k8s.Models;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary>The annotations of one object. One that makes no sense is reported with its place, and is as if it were not there.</summary>
/// <param name="owner">The object as problems name it: <c>Service/shop/catalog</c>.</param>
/// <param name="metadata">Null: there are none.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class ObjectAnnotations(string owner, V1ObjectMeta? metadata, RouteProblems problems)
{
    public string? this[string name] => metadata?.Annotations is { } all && all.TryGetValue(name, out string? value) ? value.Trim() : null;

    /// <summary>Null: it is not there, or makes no sense.</summary>
    /// <param name="read">Null where the text makes no sense.</param>
    /// <param name="expected">What it should have been.</param>
    public T? Value<T>(string name, Func<string, T?> read, string expected)
        where T : struct
    {
        if (this[name] is not { } text)
        {
            return null;
        }

        T? value = read(text);
        if (value is null)
        {
            Report(name, $"'{text}' is not {expected}");
        }

        return value;
    }

    /// <summary>A length of time as Linkerd writes it. Zero is one.</summary>
    public TimeSpan? Duration(string name) => Value(name, LinkerdDurations.Read, "a duration such as 500ms, 10s, 1m or 1h");

    public void Report(string name, string problem) => problems.Add($"{owner}: the annotation {name} is left out: {problem}");
}

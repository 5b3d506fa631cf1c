using System.Text;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>What a request is about: a kind in a namespace, or what selectors name of it.</summary>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Version">Of the group.</param>
/// <param name="Plural">The kind as paths name it.</param>
/// <param name="Namespace">Empty: all of them.</param>
/// <param name="LabelSelector">Null: any.</param>
/// <param name="FieldSelector">Null: any.</param>
internal sealed record ApiResource(
    string Group, string Version, string Plural, string Namespace, string? LabelSelector = null, string? FieldSelector = null)
{
    /// <summary>As RBAC rules name it: <c>endpointslices.discovery.k8s.io</c>.</summary>
    public string Name => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>In words, as RBAC has it: <c>in namespace shop</c>.</summary>
    public string Place => Namespace.Length == 0 ? "in all namespaces" : $"in namespace {Namespace}";

    /// <summary>Path and query of a request.</summary>
    /// <param name="parameters">Name and value; those without a value are left out.</param>
    public string Uri(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(Group.Length == 0 ? "api/" : $"apis/{Group}/");
        text.Append(Version).Append('/');
        if (Namespace.Length > 0)
        {
            text.Append("namespaces/").Append(System.Uri.EscapeDataString(Namespace)).Append('/');
        }

        text.Append(Plural);
        char separator = '?';
        Append(text, ref separator, "labelSelector", LabelSelector);
        Append(text, ref separator, "fieldSelector", FieldSelector);
        foreach ((string name, string? value) in parameters)
        {
            Append(text, ref separator, name, value);
        }

        return text.ToString();
    }

    /// <summary>For people: <c>services in namespace shop (metadata.name=catalog)</c>.</summary>
    public override string ToString()
    {
        string? selectors = LabelSelector is null ? FieldSelector
            : FieldSelector is null ? LabelSelector
            : $"{LabelSelector}, {FieldSelector}";
        return selectors is null ? $"{Name} {Place}" : $"{Name} {Place} ({selectors})";
    }

    private static void Append(StringBuilder text, ref char separator, string name, string? value)
    {
        if (value is not null)
        {
            text.Append(separator).Append(name).Append('=').Append(System.Uri.EscapeDataString(value));
            separator = '&';
        }
    }
}

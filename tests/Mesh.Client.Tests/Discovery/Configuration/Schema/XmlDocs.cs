using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

/// <summary>The summaries of some assemblies' types and properties, as plain text.</summary>
internal sealed partial class XmlDocs(params Assembly[] assemblies)
{
    // What a generator writes may be in several.
    private readonly Dictionary<string, XElement> _members = assemblies
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .DistinctBy(member => member.Attribute("name")!.Value)
        .ToDictionary(member => member.Attribute("name")!.Value);

    public string Of(Type type) => Text($"T:{type.FullName}");

    public string Of(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private string Text(string member) =>
        Spaces().Replace(string.Concat(_members[member].Element("summary")!.Nodes().Select(node => Text(node, member))), " ").Trim();

    private static string Text(XNode node, string member) => node switch
    {
        XElement element when element.Attribute("cref") is { } cref => NameOf(cref.Value, member),
        XElement { Name.LocalName: "c" } code => $"'{code.Value}'",
        XElement element => element.Value,
        _ => node.ToString().Replace("&amp;", "&", StringComparison.Ordinal),
    };

    /// <summary>A property of other options as it is written in configuration: <c>Rewrite:Host</c>.</summary>
    private static string NameOf(string cref, string member)
    {
        string[] parts = cref.Split('.');
        string type = string.Join('.', parts[..^1])[2..];
        bool isOther = cref.StartsWith("P:", StringComparison.Ordinal)
            && type.EndsWith("Options", StringComparison.Ordinal)
            && type != typeof(MeshClientOptions).FullName
            && !member[2..].StartsWith(type, StringComparison.Ordinal);
        return isOther ? $"{Options().Replace(parts[^2], "")}:{parts[^1]}" : parts[^1];
    }

    [GeneratedRegex("^Mesh|(Match)?Options$")]
    private static partial Regex Options();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

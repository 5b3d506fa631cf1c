using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

/// <summary>The summaries of an assembly's types and properties, as plain text.</summary>
internal sealed partial class XmlDocs(Assembly assembly)
{
    private readonly Dictionary<string, XElement> _members = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    public string Of(Type type) => Text($"T:{type.FullName}");

    public string Of(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private string Text(string member) =>
        Spaces().Replace(string.Concat(_members[member].Element("summary")!.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XElement element when element.Attribute("cref") is { } cref => cref.Value[(cref.Value.LastIndexOf('.') + 1)..],
        XElement { Name.LocalName: "c" } code => $"'{code.Value}'",
        XElement element => element.Value,
        _ => node.ToString().Replace("&amp;", "&", StringComparison.Ordinal),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

using System.Reflection;
using System.Text.Json;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Tests.AspNetCore.StatusFaces;

public sealed class StatusDocsTests
{
    public static TheoryData<string> Records =>
    [
        .. typeof(MeshStatus).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(MeshStatus).Namespace && type.Name.EndsWith("Status", StringComparison.Ordinal))
            .Select(type => type.Name)
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void Docs_OfEachRecord_NameItsFieldsAndNoOthers(string record)
    {
        Type type = typeof(MeshStatus).Assembly.GetType($"{typeof(MeshStatus).Namespace}.{record}")!;
        string[] fields = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .Order(StringComparer.Ordinal)];

        string[] lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "status.md"));
        string heading = $"### {record[..^"Status".Length].ToLowerInvariant()}";
        string[] documented = [.. lines
            .SkipWhile(line => !line.Replace(" ", "", StringComparison.Ordinal).Equals(
                heading.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])
            .Order(StringComparer.Ordinal)];

        Assert.Equal(fields, documented);
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Client.Discovery.Configuration;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

public partial class ConfigurationSchemaTests
{
    private const string Renew =
        "MESH_RENEW=1 dotnet test --project tests/Mesh.Client.Tests -- --filter-class \"*ConfigurationSchemaTests\"";

    private static readonly string Root = RepositoryFiles.Root;
    private static readonly string SchemaFile = Path.Combine(Root, "src", "Mesh.Client", "ConfigurationSchema.json");

    [Fact]
    public void Schema_SaysWhatTheOptionsSay()
    {
        string generated = SchemaGenerator.Generate();
        if (Environment.GetEnvironmentVariable("MESH_RENEW") == "1")
        {
            File.WriteAllText(SchemaFile, generated);
        }

        Assert.True(File.Exists(SchemaFile) && File.ReadAllText(SchemaFile) == generated, $"It is out of date. Renew it: {Renew}");
    }

    public static TheoryData<string, string> Samples() =>
    [
        .. Sampled("README.md"),
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Order().SelectMany(file => Sampled(Path.GetRelativePath(Root, file))),
    ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Schema_OfASampleInTheDocumentation_Holds(string file, string json)
    {
        Assert.Empty(Check(json));

        // And the reader knows every key of it.
        var options = new MeshClientOptions();
        OptionsReader.Read(TestMesh.Json(json).GetSection("Mesh"), options);
        Assert.True(options.ReadErrors.Count == 0, $"{file}: {string.Join(Environment.NewLine, options.ReadErrors)}");
    }

    [Fact]
    public void Samples_OfRouting_AreValid() =>
        Assert.All(Samples(File.ReadAllText(Path.Combine(Root, "docs", "routing.md"))), json => TestMesh.Options(json));

    [Fact]
    public void Samples_AreFound() => Assert.Contains(Samples(), row => row.Data.Item1 == Path.Combine("docs", "routing.md"));

    [Theory]
    [InlineData("""{ "Services": { "catalog": { "Timeout": {} } } }""", ":Mesh:Services:catalog:Timeout")]
    [InlineData("""{ "Defaults": { "Port": 80 } }""", ":Mesh:Defaults:Port")]
    [InlineData("""{ "Services": { "catalog": { "Ports": { "80": { "Port": 80 } } } } }""", ":Mesh:Services:catalog:Ports:80:Port")]
    [InlineData("""{ "Services": { "catalog": { "Ports": { "http": {} } } } }""", ":Mesh:Services:catalog:Ports:http")]
    [InlineData("""{ "Defaults": { "Timeouts": { "Request": "10s" } } }""", ":Mesh:Defaults:Timeouts:Request")]
    [InlineData("""{ "Defaults": { "Timeouts": { "Request": 10 } } }""", ":Mesh:Defaults:Timeouts:Request")]
    [InlineData("""{ "Defaults": { "Routes": [ {}, { "BackendChoice": "First" } ] } }""",
        ":Mesh:Defaults:Routes:0", ":Mesh:Defaults:Routes:1:BackendChoice")]
    [InlineData("""{ "Defaults": { "Filters": [ { "Fault": { "Abort": { "GrpcStatus": 14 } } } ] } }""",
        ":Mesh:Defaults:Filters:0:Fault:Abort:GrpcStatus")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "EndpointKey": "Pod" } } }""", ":Mesh:Defaults:LoadBalancing:EndpointKey")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "EndpointKey": { "Lable": "pod" } } } }""",
        ":Mesh:Defaults:LoadBalancing:EndpointKey")]
    [InlineData("""{ "Servces": { } }""", ":Mesh:Servces")]
    [InlineData("""{ "Defaults": { "Routes": [ null ] } }""", ":Mesh:Defaults:Routes:0")]
    [InlineData("""{ "Defaults": { "Filters": [ { } ] } }""", ":Mesh:Defaults:Filters:0")]
    [InlineData("""{ "Defaults": { "Filters": [ { "Fault": { "MaxActive": 1 } } ] } }""", ":Mesh:Defaults:Filters:0:Fault")]
    [InlineData("""{ "Defaults": { "Filters": [ { "Redirect": { "Host": "a", "Status": 300 } } ] } }""",
        ":Mesh:Defaults:Filters:0:Redirect:Status")]
    [InlineData("""{ "Defaults": { "Routes": [ { "Backends": [ { "Weight": 1 } ] } ] } }""", ":Mesh:Defaults:Routes:0:Backends:0")]
    [InlineData("""{ "Defaults": { "Routes": [ { "Backends": [ { "Service": "a", "Weight": -1 } ] } ] } }""",
        ":Mesh:Defaults:Routes:0:Backends:0:Weight")]
    [InlineData("""{ "Defaults": { "Hedging": { "Percentile": 1 } } }""", ":Mesh:Defaults:Hedging:Percentile")]
    [InlineData("""{ "Services": { "a": { "Port": 65536 } } }""", ":Mesh:Services:a:Port")]
    [InlineData("""{ "Server": { "Servce": "catalog" } }""", ":Mesh:Server:Servce")]
    [InlineData("""{ "Server": { "InboundPolicy": "nobody" } }""", ":Mesh:Server:InboundPolicy")]
    [InlineData("""{ "Server": { "Weight": 0 } }""", ":Mesh:Server:Weight")]
    public void Schema_OfAMistake_SaysWhere(string mesh, params string[] paths) =>
        Assert.Equal(paths, Check($$"""{ "Mesh": {{mesh}} }"""));

    [Theory]
    [InlineData("""{ "LoadBalancing": { "Policy": "Nearest", "EndpointKey": "HashKey" } }""")]
    [InlineData("""{ "LoadBalancing": { "Policy": "Maglev", "EndpointKey": { "Label": "pod" } } }""")]
    [InlineData("""{ "Timeouts": { "Request": "00:00:00.250", "Attempt": "1.00:00:00", "Header": "" } }""")]
    [InlineData("""{ "Filters": [ { "RequestHeaders": { "Set": { "a": "b" } } } ] }""")]
    [InlineData("""{ "Filters": [ { "Fault": { "Abort": { "GrpcStatus": "Internal" } } } ] }""")]
    [InlineData("""{ "Filters": [ { "Fault": { "Abort": { "GrpcStatus": "RESOURCE_EXHAUSTED" } } } ] }""")]
    [InlineData("""{ "Limits": { "MaxRequests": null, "Rate": null }, "Timeouts": { "Request": null }, "Filters": null }""")]
    public void Schema_OfWhatIsRight_Holds(string defaults) =>
        Assert.Empty(Check($$"""{ "Mesh": { "Defaults": {{defaults}} }, "Other": 1 }"""));

    [Fact]
    public void Schema_OfOtherPackagesKeys_Holds() => Assert.Empty(Check("""
        {
          "Mesh": {
            "Server": { "Service": "a", "InboundPolicy": "all-authenticated", "Labels": { "b": "c" } },
            "Registry": {}, "Authority": {}, "Telemetry": {}
          }
        }
        """));

    [Fact]
    public void Schema_OfAKeyOfAnotherSection_NamesTheSection() => Assert.Contains(
        "'Host', which Rewrite:Host changes", SchemaGenerator.Generate(), StringComparison.Ordinal);

    private static IReadOnlyList<string> Check(string json) =>
        new SchemaCheck((JsonObject)JsonNode.Parse(SchemaGenerator.Generate())!).Errors(JsonNode.Parse(json)!);

    private static IEnumerable<TheoryDataRow<string, string>> Sampled(string file) =>
        Samples(File.ReadAllText(Path.Combine(Root, file))).Select(json => new TheoryDataRow<string, string>(file, json));

    private static IEnumerable<string> Samples(string text) =>
        Fenced().Matches(text).Select(match => match.Groups[1].Value).Where(json => JsonNode.Parse(json)?["Mesh"] is not null);

    [GeneratedRegex("```json\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fenced();
}

using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.AspNetCore.StatusFaces;

public sealed class SettingsReaderTests : IDisposable
{
    private const string Earlier = "configuration before the change that was refused";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly Dictionary<string, string?> _memory = [];
    private readonly List<SaidSetting> _said = [];
    private readonly List<IDisposable> _owned = [];
    private ConfigurationManager? _configuration;

    private string AppSettings => Path.Combine(_folder.FullName, "appsettings.json");

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Read_OfNothingSaid_IsEmpty() => Assert.Empty(Settings(Reader()));

    [Fact]
    public void Read_FromAFile_NamesTheFile()
    {
        WriteFile("""{ "Mesh": { "Services": { "catalog": { "Retry": { "MaxRetries": 3, "Budget": { "Ratio": 0.50 } } } } } }""");

        SettingsReader reader = Reader();

        Assert.Equal(("3", "appsettings.json"), Setting(reader, "Mesh:Services:catalog:Retry:MaxRetries"));
        Assert.Equal(("0.5", "appsettings.json"), Setting(reader, "Mesh:Services:catalog:Retry:Budget:Ratio"));
        Assert.Equal(2, Settings(reader).Count);
    }

    [Fact]
    public void Read_FromTheEnvironment_SaysSo()
    {
        WriteFile("""{ "Mesh": { "Namespace": "shop", "ClusterDomain": "west.local" } }""");
        string prefix = $"MESHTEST{Guid.NewGuid():N}_";
        Environment.SetEnvironmentVariable($"{prefix}MESH__NAMESPACE", "web");
        try
        {
            SettingsReader reader = Reader(configuration => configuration.AddEnvironmentVariables(prefix));

            Assert.Equal(("web", "environment variable"), Setting(reader, "Mesh:Namespace"));
            Assert.Equal(("west.local", "appsettings.json"), Setting(reader, "Mesh:ClusterDomain"));
        }
        finally
        {
            Environment.SetEnvironmentVariable($"{prefix}MESH__NAMESPACE", null);
        }
    }

    [Fact]
    public void Read_FromTheCommandLine_SaysSo() => Assert.Equal(
        ("shop", "command line"),
        Setting(Reader(configuration => configuration.AddCommandLine(["--Mesh:Namespace=shop"])), "Mesh:Namespace"));

    [Fact]
    public void Read_FromCode_SaysSo()
    {
        SettingsReader reader = Reader(code: options =>
        {
            options.ControlPlane.Address = new Uri("http://cp:8086");
            options.Telemetry.AccessLog = true;
            options.Defaults.Timeouts = new MeshTimeoutOptions { Request = TimeSpan.FromSeconds(2) };
            options.Services["catalog"] = new MeshServiceOptions { Limits = new MeshLimitOptions { Adaptive = new() } };
        });

        Assert.Equal(
            [
                ("Mesh:ControlPlane:Address", "http://cp:8086/", "code"),
                ("Mesh:Telemetry:AccessLog", "true", "code"),
                ("Mesh:Defaults:Timeouts:Request", "00:00:02", "code"),
                ("Mesh:Services:catalog:Limits:Adaptive", "{}", "code"),
            ],
            Settings(reader).Select(setting => (setting.Path, setting.Value, setting.Source)));
    }

    [Fact]
    public void Read_OfCodeOverConfiguration_SaysWhatHoldsAndWhoSaysIt()
    {
        _memory["Mesh:Namespace"] = "shop";
        _memory["Mesh:Services:catalog:Retry:MaxRetries"] = "3";
        _memory["Mesh:Services:catalog:Retry:MinBackoff"] = "00:00:00.010";

        SettingsReader reader = Reader(code: options =>
        {
            options.Namespace = "web";
            options.Services["Catalog"].Retry!.MaxRetries = 5;
        });

        Assert.Equal(("web", "code"), Setting(reader, "Mesh:Namespace"));
        Assert.Equal(("5", "code"), Setting(reader, "Mesh:Services:catalog:Retry:MaxRetries"));
        Assert.Equal(("00:00:00.0100000", "memory"), Setting(reader, "Mesh:Services:catalog:Retry:MinBackoff"));
    }

    [Fact]
    public void Read_OfCodeBackToWhatIsBuiltIn_StillTellsWhoSaysIt()
    {
        _memory["Mesh:Namespace"] = "shop";

        Assert.Equal(("default", "code"), Setting(Reader(code: options => options.Namespace = "default"), "Mesh:Namespace"));
    }

    [Fact]
    public void Read_OfABuiltInValueThatIsWritten_IsListed()
    {
        _memory["Mesh:Namespace"] = "default";

        Assert.Equal(("default", "memory"), Setting(Reader(), "Mesh:Namespace"));
        Assert.Single(Settings(Reader()));
    }

    [Theory]
    [InlineData("Mesh:UnknownServices", "passthrough", "PassThrough")]
    [InlineData("Mesh:Defaults:WarmConnections", "TRUE", "true")]
    [InlineData("Mesh:Defaults:Retry:Budget:Ratio", "2e-1", "0.2")]
    [InlineData("Mesh:Defaults:LoadBalancing:EndpointKey", "hashkey", "HashKey")]
    [InlineData("Mesh:Defaults:LoadBalancing:EndpointKey:Label", "pod", "pod")]
    [InlineData("Mesh:Defaults:Retry:On", "", "[]")]
    [InlineData("Mesh:Domains:7", "example.com", "example.com")]
    public void Read_OfAnotherSpelling_IsStillConfigurations(string path, string written, string value)
    {
        _memory[path] = written;

        Assert.Equal((value, "memory"), Setting(Reader(), path));
        Assert.Single(Settings(Reader()));
    }

    [Fact]
    public void Read_OfManyEndpoints_CountsThem()
    {
        const string Endpoints = """[{ "Address": "10.0.0.1:80" }, { "Address": "10.0.0.2:80" }]""";
        WriteFile($$"""{ "Mesh": { "Services": { "catalog": { "Endpoints": {{Endpoints}} } } } }""");
        SettingsReader written = Reader();
        SettingsReader changed = Reader(code: options => options.Services["catalog"].Endpoints![1].Address = "10.0.0.3:80");

        Assert.Equal(("2 of them", "appsettings.json"), Setting(written, "Mesh:Services:catalog:Endpoints"));
        Assert.Equal(("2 of them", "code"), Setting(changed, "Mesh:Services:catalog:Endpoints"));
    }

    [Fact]
    public void Read_OfAServer_TellsItsOptionsToo()
    {
        _memory["Mesh:Server:InboundPolicy"] = "audit";
        _memory["Mesh:Server:Labels:version"] = "2";
        _memory["Mesh:Status:AuthorizationPolicy"] = "ops";

        SettingsReader reader = Reader(
            services: services => services.Configure<MeshServerOptions>(options => options.Zone = "north"), server: true);

        Assert.Equal(("audit", "memory"), Setting(reader, "Mesh:Server:InboundPolicy"));
        Assert.Equal(("2", "memory"), Setting(reader, "Mesh:Server:Labels:version"));
        Assert.Equal(("north", "code"), Setting(reader, "Mesh:Server:Zone"));
        Assert.Equal(("ops", "memory"), Setting(reader, "Mesh:Status:AuthorizationPolicy"));
        Assert.Equal(4, Settings(reader).Count);
    }

    [Fact]
    public void Read_OfAServersSectionWithoutAServer_SaysThatNothingReadsIt()
    {
        _memory["Mesh:Server:Zone"] = "north";

        Assert.Equal(("north", "memory, and nothing here reads it"), Setting(Reader(), "Mesh:Server:Zone"));
    }

    [Fact]
    public void Read_OfThePolicyThatTheStatusIsMappedWith_IsCodes()
    {
        _memory["Mesh:Status:AuthorizationPolicy"] = "ops";

        Assert.Equal(("admins", "code"), Setting(Reader(policy: "admins"), "Mesh:Status:AuthorizationPolicy"));
    }

    [Fact]
    public void Read_AfterAChange_TellsIt_AndAfterARefusedOne_WhatHolds()
    {
        _memory["Mesh:Namespace"] = "shop";
        SettingsReader reader = Reader();
        Assert.Equal("shop", Setting(reader, "Mesh:Namespace").Value);

        Change(("Mesh:Namespace", "web"));
        Assert.Equal(("web", "memory"), Setting(reader, "Mesh:Namespace"));

        Change(("Mesh:Namespace", "two.labels"), ("Mesh:ClusterDomain", "west.local"));
        Assert.Equal(("web", Earlier), Setting(reader, "Mesh:Namespace"));
        Assert.Single(Settings(reader));

        Change(("Mesh:Namespace", "web"));
        Assert.Equal(("web", "memory"), Setting(reader, "Mesh:Namespace"));
        Assert.Equal(("west.local", "memory"), Setting(reader, "Mesh:ClusterDomain"));
    }

    [Fact]
    public void Read_AfterATakenAndARefusedChange_TellsTheOneThatHolds()
    {
        _memory["Mesh:ClusterDomain"] = "east.local";
        SettingsReader reader = Reader();
        Assert.Equal(("east.local", "memory"), Setting(reader, "Mesh:ClusterDomain"));

        Change(("Mesh:Namespace", "web"));
        Change(
            ("Mesh:Namespace", "two.labels"), ("Mesh:ClusterDomain", "west.local"), ("Mesh:UnknownServices", "PassThrough"));

        Assert.Equal(
            [
                ("Mesh:ClusterDomain", "east.local", Earlier),
                ("Mesh:Namespace", "web", Earlier),
            ],
            Settings(reader).Select(setting => (setting.Path, setting.Value, setting.Source)));
    }

    [Fact]
    public void Read_OfAServersRefusedChange_TellsWhatHolds()
    {
        _memory["Mesh:Server:InboundPolicy"] = "audit";
        SettingsReader reader = Reader(server: true);
        Assert.Equal("audit", Setting(reader, "Mesh:Server:InboundPolicy").Value);

        Change(("Mesh:Server:InboundPolicy", "deny"));
        Assert.Equal(("deny", "memory"), Setting(reader, "Mesh:Server:InboundPolicy"));

        Change(("Mesh:Server:InboundPolicy", "nobody"));
        Assert.Equal(("deny", Earlier), Setting(reader, "Mesh:Server:InboundPolicy"));
    }

    [Fact]
    public void Read_AfterASecondRefusedChange_TellsWhatItDoesNotSayEither()
    {
        _memory["Mesh:Namespace"] = "shop";
        _memory["Mesh:ClusterDomain"] = "east.local";
        SettingsReader reader = Reader(code: options => options.Telemetry.AccessLog = true);
        Change(("Mesh:Namespace", "two.labels"));
        Assert.Equal(("east.local", "memory"), Setting(reader, "Mesh:ClusterDomain"));

        Change(("Mesh:ClusterDomain", "west.local"));

        Assert.Equal(("east.local", Earlier), Setting(reader, "Mesh:ClusterDomain"));
        Assert.Equal(("shop", Earlier), Setting(reader, "Mesh:Namespace"));
        Assert.Equal(("true", "code"), Setting(reader, "Mesh:Telemetry:AccessLog"));
    }

    [Fact]
    public void Read_OfWhatIsReadAtTheStart_AfterARefusedAndATakenChange_TellsWhoSaidIt()
    {
        _memory["Mesh:Telemetry:LinkerdNames"] = "true";
        SettingsReader reader = Reader();

        Change(("Mesh:Telemetry:LinkerdNames", "false"), ("Mesh:Namespace", "two.labels"));
        Assert.Equal(("true", Earlier), Setting(reader, "Mesh:Telemetry:LinkerdNames"));

        Change(("Mesh:Namespace", "shop"));
        Assert.Equal(("true", "memory, at the start"), Setting(reader, "Mesh:Telemetry:LinkerdNames"));

        Change(("Mesh:Namespace", "two.labels"));
        Assert.Equal(("true", "memory, at the start"), Setting(reader, "Mesh:Telemetry:LinkerdNames"));
    }

    [Fact]
    public void Read_AfterAChangeOfWhatIsReadAtTheStart_TellsWhatHolds()
    {
        _memory["Mesh:Telemetry:LinkerdNames"] = "true";
        _memory["Mesh:Server:Zone"] = "north";
        SettingsReader reader = Reader(server: true, code: options => options.Linkerd.UpgradeHttp1 = true);
        Assert.Equal(("true", "memory"), Setting(reader, "Mesh:Telemetry:LinkerdNames"));

        Change(("Mesh:Telemetry:LinkerdNames", "false"), ("Mesh:Server:Zone", "south"), ("Mesh:Linkerd:Addresses", "false"));

        Assert.Equal(("true", "memory, at the start"), Setting(reader, "Mesh:Telemetry:LinkerdNames"));
        Assert.Equal(("north", "memory, at the start"), Setting(reader, "Mesh:Server:Zone"));
        Assert.Equal(("true", "code"), Setting(reader, "Mesh:Linkerd:UpgradeHttp1"));
        Assert.Equal(("true", "built in, at the start"), Setting(reader, "Mesh:Linkerd:Addresses"));
    }

    [Fact]
    public void Read_OfWhatLinkerdFillsIn_SaysSo()
    {
        _memory["Mesh:Linkerd:Enabled"] = "true";
        _memory["Mesh:Identity:Source"] = "None";

        SettingsReader reader = Reader();

        Assert.Equal(("true", "memory"), Setting(reader, "Mesh:Linkerd:Enabled"));
        Assert.Equal(
            ("http://linkerd-dst-headless.linkerd.svc.cluster.local:8086/", "Linkerd's chart and the pod"),
            Setting(reader, "Mesh:Linkerd:Destination:Address"));
    }

    [Fact]
    public void Read_OfWhatAControlPlaneSays_NamesIt()
    {
        SettingsReader reader = Reader();
        Assert.Empty(Settings(reader));

        _said.Add(new SaidSetting(
            new Setting("Services:catalog:Ports:80:Retry:MaxRetries", "4", IsBuiltIn: false, IsFixed: false), "control plane http://cp"));
        reader = Reader();

        Assert.Equal(("4", "control plane http://cp"), Setting(reader, "Mesh:Services:catalog:Ports:80:Retry:MaxRetries"));
    }

    [Fact]
    public void Read_OfVeryManySettings_LeavesSomeOut()
    {
        for (int i = 0; i < 600; i++)
        {
            _memory[$"Mesh:Services:s{i}:Port"] = "80";
            _memory[$"Mesh:Registry:Services:s{i}:Identities:0"] = "web";
        }

        _memory["Mesh:Defaults:Timeouts:Request"] = "00:00:03";
        _memory["Mesh:UnknownServices"] = "PassThrough";
        _memory["Mesh:Status:HidePaths"] = "true";
        _said.Add(new SaidSetting(
            new Setting("Services:catalog:Ports:80:Retry:MaxRetries", "4", IsBuiltIn: false, IsFixed: false), "control plane http://cp"));

        IReadOnlyList<SettingStatus> settings = Reader().Read(out int omitted);

        Assert.Equal(500, settings.Count);
        Assert.Equal(704, omitted);
        Assert.Equal(
            ["Mesh:Status:HidePaths", "Mesh:UnknownServices", "Mesh:Defaults:Timeouts:Request"],
            settings.Take(3).Select(setting => setting.Path));
        Assert.All(settings.Skip(3), setting => Assert.Contains(":Services:", setting.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_OfSecretsInCode_ShowsNone()
    {
        const string Planted = "pl4nted";
        SettingsReader reader = Reader(code: options =>
        {
            options.ControlPlane.Address = new Uri($"http://user:{Planted}@cp:8086/?t={Planted}");
            options.Identity.PrivateKeyFile = Planted;
            var filter = new MeshFilterOptions { RequestHeaders = new MeshHeaderChangeOptions() };
            filter.RequestHeaders.Set["x-upstream"] = Planted;
            options.Defaults.Filters = [filter];
            var match = new MeshRouteMatchOptions { Headers = [new MeshNamedMatchOptions { Name = "x-api", Value = Planted }] };
            options.Services["catalog"] = new MeshServiceOptions { Routes = [new MeshRouteOptions { Matches = [match] }] };
        });

        Assert.Equal(("http://cp:8086/", "code"), Setting(reader, "Mesh:ControlPlane:Address"));
        Assert.Equal((Secrets.Hidden, "code"), Setting(reader, "Mesh:Defaults:Filters:0:RequestHeaders:Set:x-upstream"));
        Assert.Equal((Secrets.Hidden, "code"), Setting(reader, "Mesh:Services:catalog:Routes:0:Matches:0:Headers:0:Value"));
        Assert.DoesNotContain(Settings(reader), setting => setting.Value.Contains(Planted, StringComparison.Ordinal));
    }

    private void WriteFile(string json) => File.WriteAllText(AppSettings, json);

    private void Change(params (string Path, string Value)[] settings)
    {
        // Setting a key alone tells nobody.
        foreach ((string path, string value) in settings)
        {
            _configuration![path] = value;
        }

        ((IConfigurationRoot)_configuration!).Reload();
    }

    private SettingsReader Reader(
        Action<IConfigurationBuilder>? configure = null,
        Action<MeshClientOptions>? code = null,
        Action<IServiceCollection>? services = null,
        bool server = false,
        string? policy = null)
    {
        var configuration = new ConfigurationManager();
        configuration.AddJsonFile(AppSettings, optional: true, reloadOnChange: false);
        configuration.AddInMemoryCollection(_memory);
        configure?.Invoke(configuration);
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(configuration);
        collection.AddMeshClient(configuration.GetSection("Mesh"));
        if (server)
        {
            Mesh.Client.AspNetCore.Authorization.ServerAuthorization.Add(collection, configuration.GetSection("Mesh:Server"));
        }

        if (code is not null)
        {
            collection.Configure(code);
        }

        services?.Invoke(collection);
        ServiceProvider provider = collection.BuildServiceProvider();
        _owned.Add(provider);
        _owned.Add(configuration);
        _configuration = configuration;
        if (policy is null)
        {
            StatusSection.Read(provider);
        }

        var reader = new SettingsReader(
            SettingsPlaces.Of(provider, policy), SettingsPlaces.MeshSections(provider), configuration, () => _said);
        reader.Read(out _);
        return reader;
    }

    private static IReadOnlyList<SettingStatus> Settings(SettingsReader reader) => reader.Read(out _);

    private static (string Value, string Source) Setting(SettingsReader reader, string path)
    {
        SettingStatus setting = Assert.Single(Settings(reader), setting => setting.Path == path);
        return (setting.Value, setting.Source);
    }
}

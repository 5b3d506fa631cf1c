using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>Bad configuration stops the application's start, and a bad change is refused whole; both tell the path.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Services:catalog:Endpoins:0:Address", "127.0.0.1:1",
        "Mesh:Services:catalog:Endpoins: unknown key; did you mean Endpoints?")]
    [InlineData("Service:catalog:Port", "80", "Mesh:Service: unknown key")]
    [InlineData("ControlPlane:Adress", "http://127.0.0.1:1", "Mesh:ControlPlane:Adress: unknown key; did you mean Address?")]
    [InlineData("ControlPlane:Address", "127.0.0.1:8086", "Mesh:ControlPlane:Address")]
    [InlineData("Services:catalog:Endpoints:0:Address", "127.0.0.1",
        "Mesh:Services:catalog:Endpoints:0:Address: '127.0.0.1' is no host:port")]
    [InlineData("Services:catalog:Endpoints:0:Address", "127.0.0.1:70000", "Mesh:Services:catalog:Endpoints:0:Address")]
    [InlineData("Services:catalog:Endpoints:0:Weight", "0", "Mesh:Services:catalog:Endpoints:0:Weight: 0 is not from 1 to")]
    [InlineData("Services:catalog:Endpoints:0:Weight", "-3", "Mesh:Services:catalog:Endpoints:0:Weight: -3 is not from 1 to")]
    [InlineData("Services:catalog:Endpoints:0:Weight", "heavy", "Mesh:Services:catalog:Endpoints:0:Weight: 'heavy' is no whole number")]
    [InlineData("Services:catalog:Endpoints:1:Address", "127.0.0.1:5001",
        "Mesh:Services:catalog:Endpoints:1:Address: 127.0.0.1:5001 is also at")]
    [InlineData("Services:cat_alog:Port", "80", "'_'")]
    [InlineData("Services:catalog:LoadBalancing:TableSize", "65536", "Mesh:Services:catalog:LoadBalancing:TableSize")]
    [InlineData("Services:catalog:LoadBalancing:Policy", "Magleve", "Mesh:Services:catalog:LoadBalancing:Policy: 'Magleve' is unknown")]
    [InlineData("Services:catalog:Retry:MaxRetries", "-1", "Mesh:Services:catalog:Retry:MaxRetries")]
    [InlineData("Services:catalog:Retry:On:0", "sometimes", "Mesh:Services:catalog:Retry:On:0")]
    [InlineData("Services:catalog:Retry:Budget:Ratio", "NaN", "Mesh:Services:catalog:Retry:Budget:Ratio")]
    [InlineData("Services:catalog:FailureAccrual:MinPenalty", "5", "Mesh:Services:catalog:FailureAccrual:MinPenalty: '5' is no duration")]
    [InlineData("Services:catalog:Ports:0:Port", "80", "Mesh:Services:catalog:Ports:0")]
    [InlineData("Services", "catalog", "Mesh:Services: the value 'catalog' where a section is expected")]
    [InlineData("Namespace", "a b", "Mesh:Namespace: 'a b' has the illegal character ' '")]
    public async Task Start_BadSetting_IsRefusedWithItsPath(string key, string value, string expected)
    {
        MeshSettings settings = key == "Services" ? [] : [("Services:catalog:Endpoints:0:Address", "127.0.0.1:5001")];
        settings[key] = value;

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => MeshHost.StartAsync(settings));

        Assert.Contains(error.Failures, failure => failure.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_SeveralBadSettings_AreToldAtOnce()
    {
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => MeshHost.StartAsync(new()
        {
            ["Namespce"] = "shop",
            ["Services:catalog:Endpoints:0:Address"] = "nowhere",
            ["Services:catalog:Endpoints:0:Weight"] = "0",
        }));

        Assert.Equal(3, error.Failures.Count());
    }

    [Fact]
    public async Task Reload_BadSettings_AreRefusedAndCallsGoOn()
    {
        await using InProcessServer one = await InProcessServer.WhoAsync("one");
        await using InProcessServer two = await InProcessServer.WhoAsync("two");
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(one.Address.Port));
        Assert.Equal("one", await app.WhoAsync());

        // What is good in a bad change is refused with the rest.
        MeshSettings bad = MeshHost.Catalog(two.Address.Port);
        bad["Services:catalog:Endpoints:0:Weight"] = "-1";
        bad["Services:catalog:Retries"] = "7";
        app.Reload(bad);
        app.Reload(bad);

        Assert.Equal("one", await app.WhoAsync());
        string refused = Assert.Single(app.Logs.GetSnapshot(), record => record.Level is LogLevel.Error).Message;
        Assert.Contains("Mesh:Services:catalog:Endpoints:0:Weight: -1 is not from 1 to", refused, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:catalog:Retries: unknown key", refused, StringComparison.Ordinal);

        app.Reload(MeshHost.Catalog(two.Address.Port));
        await Eventually.TrueAsync(() => app.Snapshot()!.Endpoints.Single().Address.Port == two.Address.Port);
        Assert.Equal("two", await app.WhoAsync());
    }
}

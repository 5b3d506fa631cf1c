using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class MeshConfigurationTests
{
    private const string Port = "Mesh:Services:catalog:Port";

    [Fact]
    public void Current_InvalidFromTheStart_Throws()
    {
        using var mesh = new TestMesh(TestMesh.Pairs((Port, "0")));

        var error = Assert.Throws<OptionsValidationException>(() => mesh.Configuration);

        Assert.Equal([$"{Port}: 0 is not from 1 to 65535"], error.Failures);
    }

    [Fact]
    public void Reload_Valid_IsTakenAndSignalled()
    {
        IConfigurationRoot root = TestMesh.Pairs((Port, "1"));
        using var mesh = new TestMesh(root, o => o.Namespace = "code");
        Task changed = mesh.Configuration.Changed;
        MeshClientOptions before = mesh.Configuration.Current;

        root[Port] = "2";
        root.Reload();

        Assert.True(changed.IsCompleted);
        Assert.False(mesh.Configuration.Changed.IsCompleted);
        Assert.Equal(1, before.Services["catalog"].Port);
        Assert.Equal(2, mesh.Configuration.Current.Services["catalog"].Port);
        Assert.Equal("code", mesh.Configuration.Current.Namespace);
    }

    [Theory]
    [InlineData("Mesh:Identity:Mode", "Strict")]
    [InlineData("Mesh:Identity:TrustBundle", "c")]
    [InlineData("Mesh:ControlPlane:Address", "https://127.0.0.1:2")]
    public void Reload_OfWhatHoldsFromTheStart_SaysThatARestartIsNeeded(string key, string value)
    {
        IConfigurationRoot root = TestMesh.Pairs(
            ("Mesh:Identity:Source", "Files"),
            ("Mesh:Identity:CertificateFile", "a"),
            ("Mesh:Identity:TrustBundle", "b"),
            ("Mesh:ControlPlane:Address", "https://127.0.0.1:1"));
        using var mesh = new TestMesh(root);
        Assert.NotNull(mesh.Configuration.Current);

        root[Port] = "1";
        root.Reload();
        Assert.Empty(mesh.Logs.GetSnapshot());
        root[key] = value;
        root.Reload();

        Assert.Equal("RestartNeeded", Assert.Single(mesh.Logs.GetSnapshot()).Id.Name);
    }

    [Fact]
    public void Reload_SourceAddedToAConfigurationManager_IsTaken()
    {
        using var manager = new ConfigurationManager();
        using var mesh = new TestMesh(manager);
        Assert.Empty(mesh.Configuration.Current.Services);

        manager.AddInMemoryCollection([new(Port, "3")]);

        Assert.Equal(3, mesh.Configuration.Current.Services["catalog"].Port);
    }

    [Fact]
    public void Reload_RouteThatBecomesInvalid_KeepsTheLastGood()
    {
        const string Weight = "Mesh:Services:catalog:Routes:0:Backends:0:Weight";
        IConfigurationRoot root = TestMesh.Pairs(("Mesh:Services:catalog:Routes:0:Backends:0:Service", "canary"), (Weight, "1"));
        using var mesh = new TestMesh(root);
        MeshConfiguration configuration = mesh.Configuration;
        MeshClientOptions before = configuration.Current;

        root[Weight] = "0";
        root.Reload();

        Assert.Same(before, configuration.Current);
        Assert.Equal(1, configuration.RefusedReloads);

        root[Weight] = "2";
        root.Reload();

        Assert.Equal(2, configuration.Current.Services["catalog"].Routes![0].Backends![0].Weight);
    }

    [Fact]
    public void Reload_Invalid_KeepsTheLastGoodAndLogsEachErrorOnce()
    {
        IConfigurationRoot root = TestMesh.Pairs((Port, "1"));
        using var mesh = new TestMesh(root);
        MeshConfiguration configuration = mesh.Configuration;
        Task changed = configuration.Changed;

        root[Port] = "0";
        root["Mesh:Servces"] = "x";
        root.Reload();
        root.Reload();

        Assert.False(changed.IsCompleted);
        Assert.Equal(1, configuration.Current.Services["catalog"].Port);
        Assert.Equal(2, configuration.RefusedReloads);
        var log = Assert.Single(mesh.Logs.GetSnapshot());
        Assert.Equal((LogLevel.Error, 1, "ConfigurationRefused"), (log.Level, log.Id.Id, log.Id.Name));
        Assert.Contains($"{Port}: 0 is not from 1 to 65535", log.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Servces: unknown key; did you mean Services?", log.Message, StringComparison.Ordinal);

        root[Port] = "-1";
        root.Reload();
        root[Port] = "0";
        root.Reload();

        Assert.Equal(2, mesh.Logs.Count);
        Assert.Equal(4, configuration.RefusedReloads);
    }

    [Fact]
    public void Reload_ValidAfterInvalid_IsTakenAndALaterErrorIsLoggedAgain()
    {
        IConfigurationRoot root = TestMesh.Pairs((Port, "1"));
        using var mesh = new TestMesh(root);
        _ = mesh.Configuration;

        foreach (string port in (string[])["0", "2", "0"])
        {
            root[Port] = port;
            root.Reload();
        }

        Assert.Equal(2, mesh.Configuration.Current.Services["catalog"].Port);
        Assert.Equal(2, mesh.Logs.Count);
    }

    [Fact]
    public void Reload_ConfigureActionThrows_KeepsTheLastGoodAndLogs()
    {
        IConfigurationRoot root = TestMesh.Pairs((Port, "1"));
        bool broken = false;
        using var mesh = new TestMesh(root, _ =>
        {
            if (broken)
            {
                throw new InvalidOperationException("no vault");
            }
        });
        _ = mesh.Configuration;

        broken = true;
        root.Reload();

        Assert.Equal(1, mesh.Configuration.Current.Services["catalog"].Port);
        Assert.Equal(1, mesh.Configuration.RefusedReloads);
        var log = Assert.Single(mesh.Logs.GetSnapshot());
        Assert.IsType<InvalidOperationException>(log.Exception);
        Assert.Contains("no vault", log.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_ThenReload_IsIgnored()
    {
        IConfigurationRoot root = TestMesh.Pairs((Port, "1"));
        var mesh = new TestMesh(root);
        MeshConfiguration configuration = mesh.Configuration;
        mesh.Dispose();

        root[Port] = "2";
        root.Reload();

        Assert.Equal(1, configuration.Current.Services["catalog"].Port);
    }
}

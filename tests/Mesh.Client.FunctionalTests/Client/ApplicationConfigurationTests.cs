using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary><c>AddMeshClient()</c> without arguments.</summary>
public sealed class ApplicationConfigurationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_ServiceOfTheApplicationsConfiguration_Arrives()
    {
        await using Backend backend = await BackendAsync("here");
        using IHost host = await StartAsync(new MeshSettings { ["Services:catalog:Endpoints:0:Address"] = backend.Address });

        using HttpClient client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");

        Assert.Equal("here", await client.GetStringAsync(new Uri("http://catalog"), Stop));
    }

    [Fact]
    public async Task Reload_OfTheApplicationsConfiguration_IsTaken()
    {
        var settings = new MeshSettings.Source(new() { ["UnknownServices"] = "Fail" });
        using IHost host = await StartAsync(settings);
        MeshConfiguration configuration = host.Services.GetRequiredService<MeshConfiguration>();
        Assert.Equal(UnknownServices.Fail, configuration.Current.UnknownServices);

        settings.Change([("UnknownServices", "PassThrough")]);

        await Eventually.TrueAsync(() => configuration.Current.UnknownServices is UnknownServices.PassThrough);
    }

    [Fact]
    public async Task Start_UnknownKey_FailsWithItsPath()
    {
        OptionsValidationException error =
            await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new MeshSettings { ["Servcies:catalog:Port"] = "81" }));

        Assert.StartsWith("Mesh:Servcies: unknown key; did you mean Services?", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WithoutConfiguration_SayWhatToDo()
    {
        using ServiceProvider services = new ServiceCollection().AddMeshClient().Services.BuildServiceProvider();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => services.GetRequiredService<IOptions<MeshClientOptions>>().Value);

        Assert.Equal(
            "AddMeshClient() reads the section Mesh of the application's configuration, and no IConfiguration is registered. "
            + "Register one, or say which section: AddMeshClient(configuration.GetSection(\"Mesh\")).",
            error.Message);
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("none", "section")]
    [InlineData("section", "none")]
    [InlineData("none", "server")]
    [InlineData("server", "none")]
    [InlineData("none", "control plane")]
    public void Section_ReadByTwo_IsReadOnce(string first, string second)
    {
        HostApplicationBuilder builder = Builder(new MeshSettings.Source(new() { ["Telemetry:Unknown"] = "1" }));
        Add(first);
        Add(second);
        using IHost host = builder.Build();

        var error = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<MeshClientOptions>>().Value);

        Assert.StartsWith("Mesh:Telemetry:Unknown: unknown key", Assert.Single(error.Failures), StringComparison.Ordinal);

        void Add(string what)
        {
            switch (what)
            {
                case "none":
                    builder.Services.AddMeshClient();
                    break;
                case "section":
                    builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
                    break;
                case "server":
                    builder.AddMeshServer();
                    break;
                default:
                    builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
                    break;
            }
        }
    }

    [Fact]
    public async Task Status_OfTheApplicationsConfiguration_TellsPathsAndReadsItsOwnSection()
    {
        using IHost host = await StartAsync(new MeshSettings { ["Namespace"] = "shop", ["Status:HidePaths"] = "true" });

        IConfigurationSection[] sections = SettingsPlaces.MeshSections(host.Services);

        Assert.Equal("Mesh", Assert.Single(sections).Path);
        Assert.Equal("Mesh", host.Services.GetRequiredService<IOptions<MeshClientOptions>>().Value.SectionPath);
        Assert.True(StatusSection.Read(host.Services).HidePaths);
    }

    private static Task<Backend> BackendAsync(string name) => Backend.StartAsync(context => context.Response.Body.WriteAsync(
        System.Text.Encoding.UTF8.GetBytes(name), context.RequestAborted).AsTask());

    private static Task<IHost> StartAsync(MeshSettings settings) => StartAsync(new MeshSettings.Source(settings));

    private static async Task<IHost> StartAsync(MeshSettings.Source settings)
    {
        HostApplicationBuilder builder = Builder(settings);
        builder.Services.AddMeshClient();
        builder.Services.AddHttpClient("catalog").UseMesh();
        IHost host = builder.Build();
        await host.StartAsync(Stop);
        return host;
    }

    private static HostApplicationBuilder Builder(MeshSettings.Source settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        ((IConfigurationBuilder)builder.Configuration).Add(settings);
        return builder;
    }
}

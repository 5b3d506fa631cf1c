using Mesh.Client.PageTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>What the page shows of a control plane: who is connected, what it serves, its authority and its injector.</summary>
public sealed class ControlPlaneTests(Browser browser)
{
    [Fact]
    public async Task Clients_services_authority_and_injector_are_shown()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mesh-page-");
        try
        {
            await using WebApplication plane = await StartAsync(folder.FullName);
            await using WebApplication web = await ShopServers.StartWebAsync(new Dictionary<string, string?>
            {
                ["ControlPlane:Address"] = plane.Urls.Single(),
                ["ControlPlane:Policies"] = "true",
                ["Namespace"] = "shop",
                ["Services:orders.shop:WarmConnections"] = "false",
            });
            await using Tab tab = await browser.OpenAsync(new Uri(new Uri(plane.Urls.Single()), "/mesh"), 1280, 1040);

            await Expect(tab.Section("clients")).ToContainTextAsync("1 endpoints", new() { IgnoreCase = true });
            ILocator orders = tab.Row("served", "orders");
            await Expect(orders).ToContainTextAsync("Maglev by header x-user");
            await Expect(orders).ToContainTextAsync("items");
            await Expect(orders).ToContainTextAsync(ShopServers.NameOf("orders"));
            await Expect(tab.Section("served")).ToContainTextAsync("10.0.0.1:8080 hall-a");
            await Expect(tab.Section("served")).ToContainTextAsync("and 4 more");
            await Expect(tab.Section("authority")).ToContainTextAsync("Certificates issued");
            await Expect(tab.Section("injector")).ToContainTextAsync("Pods injected");
            await tab.Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(AppContext.BaseDirectory, "screenshots", "control-plane.png"),
                FullPage = true,
            });
            await tab.Page.SetViewportSizeAsync(360, 800);
            Assert.Equal(360, await tab.NumberAsync("document.documentElement.scrollWidth"));
            await tab.Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(AppContext.BaseDirectory, "screenshots", "control-plane-phone.png"),
                FullPage = true,
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Authority:Directory"] = folder,
            ["Services:orders.shop:LoadBalancing:HashOn:0:Header"] = "x-user",
            ["Services:orders.shop:Routes:0:Name"] = "items",
            ["Services:orders.shop:Routes:0:Match:Path:Prefix"] = "/items",
            ["Services:orders.shop:Routes:0:Backends:0:Service"] = "orders.shop",
            ["Services:reviews.shop:Endpoints:0:Address"] = "10.0.1.1:8080",
        };
        for (int i = 0; i < 24; i++)
        {
            string endpoint = $"Services:orders.shop:Endpoints:{i}";
            settings[$"{endpoint}:Address"] = $"10.0.0.{i + 1}:8080";
            settings[$"{endpoint}:Identity"] = ShopServers.NameOf("orders");
            settings[$"{endpoint}:Zone"] = $"hall-{(char)('a' + (i % 3))}";
        }

        WebApplicationBuilder builder = ShopServers.Create(settings);
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        WebApplication app = builder.Build();
        app.MapMeshStatus();
        app.MapMeshControlPlane();
        app.MapMeshInjector();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}

using Mesh.Client.PageTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>Hundreds of settings: by whom they are for, the first of each, all of them by search.</summary>
public sealed class SettingsTests(Browser browser)
{
    [Fact]
    public async Task Settings_of_many_services_are_grouped_and_searched()
    {
        await using FrontEnd site = await FrontEnd.StartAsync(services => services.PostConfigure<MeshClientOptions>(options =>
        {
            options.Telemetry.AccessLog = true;
            options.Defaults.Timeouts = new MeshTimeoutOptions { Request = TimeSpan.FromSeconds(3) };
            options.Services["a-router"] = new MeshServiceOptions
            {
                Routes = [.. Enumerable.Range(0, 30).Select(i => new MeshRouteOptions { Name = $"route-{i:00}" })],
            };
            for (int i = 0; i < 100; i++)
            {
                options.Services[$"s{i:00}"] = new MeshServiceOptions { Port = 8080 };
            }
        }));
        await using Tab tab = await browser.OpenAsync(site.Status);
        ILocator section = tab.Section("configuration");
        ILocator Group(string name) =>
            section.Locator("table.settings").Filter(new() { Has = tab.Page.Locator($"caption:text('{name}:')") });

        await Expect(Tab.Cell(Group("This process").Locator("tbody tr").Filter(new() { HasText = "AccessLog" }), "Source"))
            .ToHaveTextAsync("code");
        await Expect(Group("Every service").Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(Group("Every service")).ToContainTextAsync("00:00:03");
        await Expect(Group("a-router").Locator("tbody tr")).ToHaveCountAsync(20);
        await Expect(section.Locator("table.settings")).ToHaveCountAsync(20);
        await Expect(section).ToContainTextAsync("further services too: search for them");

        await tab.Page.GetByLabel("Search settings").FillAsync("a-router");
        await Expect(section.Locator("tbody tr")).ToHaveCountAsync(30);
        await tab.Page.GetByLabel("Search settings").FillAsync("s99");
        await Expect(Tab.Cell(section.Locator("tbody tr"), "Value")).ToHaveTextAsync("8080");
    }
}

using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>What the first page shows of a shop at work.</summary>
public sealed class OverviewTests(Browser browser)
{
    [Fact]
    public async Task Nothing_called_says_what_to_do()
    {
        await using FrontEnd site = await FrontEnd.StartAsync();
        await using Tab tab = await browser.OpenAsync(site.Status);

        await Expect(tab.Heading).ToHaveTextAsync("web");
        await Expect(tab.Section("services")).ToContainTextAsync("No service called yet.");
        await Expect(tab.Section("failures")).ToContainTextAsync("No call has failed of late.");
        await Expect(tab.Section("identity")).ToContainTextAsync("This process has no identity");
        await Expect(tab.Section("planes")).ToContainTextAsync("No control plane is configured");
    }

    [Fact]
    public async Task Services_at_work_show_their_numbers()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        await shop.CallCatalogAsync(200);
        await shop.CallPaymentsAsync(20);

        ILocator catalog = tab.Row("services", "catalog.default");
        await Expect(Tab.Cell(catalog, "Success %")).ToHaveTextAsync("100");
        await Expect(Tab.Cell(catalog, "Calls/s")).Not.ToHaveTextAsync("0");
        foreach (string column in (string[])["p50 ms", "p95 ms", "p99 ms"])
        {
            await Expect(Tab.Cell(catalog, column)).ToHaveTextAsync(Patterns.Number());
        }

        await Expect(catalog.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", Patterns.NoneFailed());
        await Expect(Tab.Cell(catalog, "Endpoints")).ToContainTextAsync("4 available");
        await Expect(Tab.Cell(tab.Row("services", "payments.default"), "Endpoints")).ToContainTextAsync("2 available");
        await Expect(tab.Page.GetByText("Nothing needs attention.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Identity_certificates_peers_and_configuration_are_there()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);

        await Expect(tab.Section("identity")).ToContainTextAsync(ShopServers.NameOf("web"));
        await Expect(Tab.Cell(tab.Row("certificates", "own"), "Time left")).ToContainTextAsync(" of ");
        await Expect(Tab.Cell(tab.Row("certificates", "anchor"), "Time left")).ToContainTextAsync(" d");
        await Expect(tab.Section("planes").Locator("tbody tr")).Not.ToHaveCountAsync(0);
        await Expect(tab.Section("inbound")).ToContainTextAsync("Under way");

        await tab.Page.GetByLabel("Search settings").FillAsync("catalog:LoadBalancing:Policy");
        await Expect(tab.Section("configuration").Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(Tab.Cell(tab.Row("settings", "Policy"), "Value")).ToHaveTextAsync("Maglev");
        await Expect(Tab.Cell(tab.Row("settings", "Policy"), "Source")).Not.ToBeEmptyAsync();
    }

    [Fact]
    public async Task Call_that_failed_is_told_with_its_attempts()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        foreach (Instance instance in shop.Payments)
        {
            instance.Status = 503;
        }

        await shop.CallPaymentsAsync(3);

        ILocator story = tab.Section("failures").Locator(".story").First;
        await Expect(story).ToContainTextAsync("POST /charges");
        await Expect(story).Not.ToContainTextAsync("4111");
        await Expect(story.Locator(".attempts li")).ToHaveCountAsync(1);
        await Expect(story.Locator(".attempts li")).ToContainTextAsync("503");
        await Expect(story.Locator(".attempts li")).ToContainTextAsync("127.0.0.1:");
        await Expect(tab.Section("attention")).ToContainTextAsync("payments");
    }
}

using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>Addresses, and what one service's own shows.</summary>
public sealed class NavigationTests(Browser browser)
{
    [Fact]
    public async Task To_a_service_and_back()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(20);
        await using Tab tab = await browser.OpenAsync(shop.Status);

        await tab.Row("services", "catalog.default").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(tab.Page).ToHaveURLAsync(Patterns.CatalogAddress());
        await Expect(tab.Heading).ToHaveTextAsync("catalog.default.svc.cluster.local:80");
        await Expect(tab.Heading).ToBeFocusedAsync();
        await Expect(tab.Page.Locator("table.endpoints tbody tr")).ToHaveCountAsync(4);

        await tab.Page.GoBackAsync();
        await Expect(tab.Page).ToHaveURLAsync(Patterns.OverviewAddress());
        await Expect(tab.Row("services", "catalog.default")).ToHaveCountAsync(1);

        await tab.Page.GoForwardAsync();
        await Expect(tab.Page.Locator("table.endpoints tbody tr")).ToHaveCountAsync(4);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "All services" }).ClickAsync();
        await Expect(tab.Heading).ToHaveTextAsync("web");
    }

    [Fact]
    public async Task Service_shows_endpoints_shares_picks_and_the_split()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        await shop.CallCatalogAsync(200);
        await tab.Page.GotoAsync(shop.StatusOf("catalog").ToString());

        ILocator endpoint = tab.Row("endpoints", shop.Catalog[2].Address);
        await Expect(endpoint).ToContainTextAsync("catalog-2");
        await Expect(Tab.Cell(endpoint, "Identity")).ToContainTextAsync(ShopServers.NameOf("catalog"));
        await Expect(Tab.Cell(endpoint, "Zone")).ToHaveTextAsync("hall-c");
        await Expect(Tab.Cell(endpoint, "Table %")).ToHaveTextAsync(Patterns.Number());
        await Expect(Tab.Cell(endpoint, "In flight")).ToHaveTextAsync("0");

        await Expect(tab.Section("shares")).ToContainTextAsync("4 endpoints, parts of 65,537 slots. The average is 25.0 %");
        await Expect(tab.Section("shares").Locator(".strip g")).ToHaveCountAsync(4);
        await Expect(tab.Section("shares").Locator(".average")).ToHaveCountAsync(4);
        await Expect(Tab.Cell(tab.Row("picks", "hash"), "Share %")).ToHaveTextAsync("100");

        await Expect(Tab.Cell(tab.Row("split", "catalog-canary"), "Wanted %")).ToHaveTextAsync("10.0");
        await Expect(Tab.Cell(tab.Row("split", "catalog-canary"), "Live %")).ToHaveTextAsync(Patterns.Number());
    }

    [Fact]
    public async Task Name_that_nobody_called_says_so()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(1);
        await using Tab tab = await browser.OpenAsync(shop.StatusOf("nobody"));

        await Expect(tab.Page.Locator("main")).ToContainTextAsync("This process has called no service of that name.");
        await Expect(tab.Page.Locator("main")).ToContainTextAsync("catalog");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "All services" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Headers_sort()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(50);
        await using Tab tab = await browser.OpenAsync(shop.StatusOf("catalog"));
        ILocator header = tab.Page.Locator("table.endpoints").GetByRole(AriaRole.Columnheader, new() { Name = "Endpoint" });
        ILocator first = tab.Page.Locator("table.endpoints tbody th").First;
        string[] sorted = [.. shop.Catalog.Select(instance => instance.Address).Order(StringComparer.Ordinal)];

        await header.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(first).ToContainTextAsync(sorted[0]);

        await header.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(header).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(first).ToContainTextAsync(sorted[^1]);
    }
}

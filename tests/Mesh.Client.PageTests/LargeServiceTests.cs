using Mesh.Client.PageTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>A service of 10,000 endpoints.</summary>
public sealed class LargeServiceTests(Browser browser)
{
    private const int Endpoints = 10_000;

    [Fact]
    public async Task Ten_thousand_endpoints_are_paged_filtered_and_drawn()
    {
        await using Instance instance = await Instance.StartAsync("fleet", new Dictionary<string, string?>());
        await using FrontEnd site = await FrontEnd.StartAsync(services => services.PostConfigure<MeshClientOptions>(
            options => options.Services["fleet"] = Fleet(instance.Address)));
        using HttpResponseMessage first = await site.Client().GetAsync(
            new Uri("http://fleet/"), TestContext.Current.CancellationToken);
        await using Tab tab = await browser.OpenAsync(new Uri(site.Status, "/mesh/services/fleet"));
        ILocator rows = tab.Page.Locator("table.endpoints tbody tr");
        ILocator count = tab.Page.Locator("#endpoint-count");

        await Expect(rows).ToHaveCountAsync(100);
        await Expect(count).ToHaveTextAsync("10,000 endpoints");
        await Expect(tab.Section("shares").Locator("svg.ranks g")).ToHaveCountAsync(100);
        await Expect(tab.Section("shares")).ToContainTextAsync("The average is 0.010 %");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(tab.Page.GetByText("Page 2 of 100")).ToBeVisibleAsync();
        await Expect(rows).ToHaveCountAsync(100);

        // The only one with that key is far behind the first page.
        await tab.Page.GetByLabel("Filter endpoints").FillAsync("node-09999");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(count).ToHaveTextAsync("1 of 10,000 endpoints");
        await tab.Page.GetByLabel("Filter endpoints").FillAsync("");
        await Expect(rows).ToHaveCountAsync(100);

        Assert.InRange(await tab.NumberAsync("document.querySelectorAll('*').length"), 1000, 5000);
    }

    private static MeshServiceOptions Fleet(string real) => new()
    {
        LoadBalancing = new LoadBalancingOptions { Policy = "Maglev", EndpointKey = MeshEndpointKey.HashKey },
        Endpoints =
        [
            new MeshEndpointOptions { Address = real, HashKey = "node-00000" },
            .. Enumerable.Range(1, Endpoints - 1).Select(i => new MeshEndpointOptions
            {
                Address = $"10.{i / 65536}.{i / 256 % 256}.{i % 256}:80",
                HashKey = $"node-{i:00000}",
            }),
        ],
    };
}

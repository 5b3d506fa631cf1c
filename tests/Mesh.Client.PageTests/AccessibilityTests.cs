using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>What a checker of accessibility looks for, in both views and both themes.</summary>
public sealed class AccessibilityTests(Browser browser)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_is_named_ordered_and_legible(ColorScheme scheme, int width)
    {
        await using Shop shop = await Shop.StartAsync();
        shop.Payments[0].Status = 503;
        await shop.CallCatalogAsync(50);
        await shop.CallPaymentsAsync(20);
        await shop.Catalog[0].KillAsync();
        await shop.CallCatalogAsync(50);
        await using Tab tab = await browser.OpenAsync(shop.Status, width, scheme: scheme);
        await Expect(tab.Row("services", "catalog.default")).ToHaveCountAsync(1);
        Assert.Empty(await tab.Page.EvaluateAsync<string[]>(PageRules.Script));

        await tab.Page.GotoAsync(shop.StatusOf("catalog").ToString());
        await Expect(tab.Page.Locator("table.sharelist tbody tr")).ToHaveCountAsync(4);
        await Expect(tab.Section("failures")).ToBeVisibleAsync();
        Assert.Empty(await tab.Page.EvaluateAsync<string[]>(PageRules.Script));
    }

    [Fact]
    public async Task Rules_find_what_is_wrong()
    {
        await using FrontEnd site = await FrontEnd.StartAsync();
        await using Tab tab = await browser.OpenAsync(site.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        await tab.Page.EvaluateAsync("""
            document.getElementById('pause').click();
            const add = (name, set) => document.querySelector('main').appendChild(Object.assign(document.createElement(name), set));
            add('h5', { textContent: 'too deep' });
            add('input', {});
            add('button', {});
            add('table', {});
            add('p', { textContent: 'pale' }).style.color = '#999';
            add('div', { id: 'main' });
            """);

        string[] found = await tab.Page.EvaluateAsync<string[]>(PageRules.Script);

        Assert.Contains("heading h5 'too deep' after h2", found);
        Assert.Contains("input without a name", found);
        Assert.Contains("button without a name", found);
        Assert.Contains("table without a caption", found);
        Assert.Contains(found, said => said.StartsWith("contrast 2.8", StringComparison.Ordinal) && said.Contains("'pale'"));
        Assert.Contains("id main twice", found);
    }
}

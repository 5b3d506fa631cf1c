using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>Everything can be reached and done without a mouse.</summary>
public sealed class KeyboardTests(Browser browser)
{
    [Fact]
    public async Task Walk_from_the_skip_link_to_a_sorted_service_and_back()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(20);
        await using Tab tab = await browser.OpenAsync(shop.Status);
        ILocator link = tab.Row("services", "catalog.default").GetByRole(AriaRole.Link);
        await Expect(link).ToBeVisibleAsync();

        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("main")).ToBeFocusedAsync();

        await TabToAsync(tab.Page, tab.Page.GetByRole(AriaRole.Link, new() { Name = "Configuration" }));
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Configuration in force" })).ToBeFocusedAsync();
        await TabToAsync(tab.Page, tab.Page.GetByLabel("Search settings"));
        await tab.Page.Keyboard.TypeAsync("Maglev");
        await Expect(tab.Section("configuration").Locator("tbody tr")).ToHaveCountAsync(1);

        await TabToAsync(tab.Page, link, back: true);
        Assert.True(await IsOutlinedAsync(link), "The focus cannot be seen.");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Heading).ToHaveTextAsync("catalog.default.svc.cluster.local:80");

        ILocator sorter = tab.Page.Locator("table.endpoints").GetByRole(AriaRole.Button, new() { Name = "Attempts", Exact = true });
        await TabToAsync(tab.Page, sorter);
        Assert.True(await IsOutlinedAsync(sorter), "The focus cannot be seen.");
        await tab.Page.Keyboard.PressAsync("Space");
        await Expect(tab.Page.Locator("th[aria-sort='descending']")).ToHaveTextAsync("Attempts↓");
        await Expect(sorter).ToBeFocusedAsync();

        await tab.Page.GoBackAsync();
        await Expect(tab.Heading).ToHaveTextAsync("web");
    }

    [Fact]
    public async Task Pause_and_theme_answer_to_keys()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");

        await TabToAsync(tab.Page, tab.Page.Locator("#pause"));
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.State).ToHaveTextAsync(Patterns.Paused());

        await TabToAsync(tab.Page, tab.Page.GetByLabel("Theme"));
        await tab.Page.Keyboard.TypeAsync("dark");
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    private static async Task TabToAsync(IPage page, ILocator wanted, bool back = false)
    {
        await Expect(wanted).ToBeVisibleAsync();
        for (int i = 0; i < 100; i++)
        {
            await page.Keyboard.PressAsync(back ? "Shift+Tab" : "Tab");
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail($"No Tab leads to {wanted}.");
    }

    private static Task<bool> IsOutlinedAsync(ILocator element) => element.EvaluateAsync<bool>(
        "element => getComputedStyle(element).outlineStyle === 'solid' && parseFloat(getComputedStyle(element).outlineWidth) >= 2");
}

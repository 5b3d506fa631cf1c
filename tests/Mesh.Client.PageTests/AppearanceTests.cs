using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>Narrow and wide, light and dark.</summary>
public sealed class AppearanceTests(Browser browser)
{
    private const string Ground = "() => getComputedStyle(document.body).backgroundColor";

    // What makes the page wider than the view, if anything does.
    private const string Beyond = """
        () => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body, body *')]
          .filter(element => element.getBoundingClientRect().right > innerWidth)
          .map(element => `${element.localName}.${element.getAttribute('class')} ${element.textContent.slice(0, 60)}`)
        """;

    [Fact]
    public async Task Phone_never_scrolls_sideways()
    {
        await using Shop shop = await Shop.StartAsync();
        shop.Payments[0].Status = 503;
        await shop.CallPaymentsAsync(10);
        await shop.CallCatalogAsync(50);
        await using Tab tab = await browser.OpenAsync(shop.Status, 360, 740);
        await Expect(tab.Section("failures").Locator(".story").First).ToBeVisibleAsync();
        Assert.Empty(await tab.Page.EvaluateAsync<string[]>(Beyond));

        foreach (string service in (string[])["catalog", "payments"])
        {
            await tab.Page.GotoAsync(shop.StatusOf(service).ToString());
            await Expect(tab.Page.Locator("table.sharelist tbody tr").First).ToBeVisibleAsync();
            Assert.Empty(await tab.Page.EvaluateAsync<string[]>(Beyond));
        }
    }

    [Fact]
    public async Task Dark_and_light_follow_the_system_and_the_choice_is_remembered()
    {
        await using FrontEnd site = await FrontEnd.StartAsync();
        await using Tab tab = await browser.OpenAsync(site.Status);
        string light = await tab.Page.EvaluateAsync<string>(Ground);
        await tab.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        string dark = await tab.Page.EvaluateAsync<string>(Ground);
        Assert.NotEqual(light, dark);

        await tab.Page.GetByLabel("Theme").SelectOptionAsync("light");
        Assert.Equal(light, await tab.Page.EvaluateAsync<string>(Ground));
        await tab.Page.ReloadAsync();
        Assert.Equal(light, await tab.Page.EvaluateAsync<string>(Ground));
        await Expect(tab.Page.GetByLabel("Theme")).ToHaveValueAsync("light");

        await tab.Page.GetByLabel("Theme").SelectOptionAsync("");
        Assert.Equal(dark, await tab.Page.EvaluateAsync<string>(Ground));
    }
}

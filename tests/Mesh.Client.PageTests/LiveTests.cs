using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>The page follows what happens, and says when it does not.</summary>
public sealed class LiveTests(Browser browser)
{
    [Fact]
    public async Task Endpoint_killed_shows_its_state_and_why_without_a_reload()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(100);
        await using Tab tab = await browser.OpenAsync(shop.StatusOf("catalog"));
        ILocator row = tab.Row("endpoints", shop.Catalog[1].Address);
        await Expect(Tab.Cell(row, "State")).ToHaveTextAsync("available");
        await tab.Page.EvaluateAsync("window.sameDocument = true");

        await shop.Catalog[1].KillAsync();
        await shop.CallCatalogAsync(100);

        await Expect(Tab.Cell(row, "State")).ToHaveTextAsync(Patterns.Unavailable());
        await Expect(row.Locator(".why")).Not.ToBeEmptyAsync();
        await Expect(tab.Section("picks")).ToContainTextAsync("hash failover");
        Assert.True(await tab.Page.EvaluateAsync<bool>("window.sameDocument"));
    }

    [Fact]
    public async Task Update_keeps_focus_what_is_typed_and_nodes()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(10);
        await using Tab tab = await browser.OpenAsync(shop.StatusOf("catalog"));
        ILocator filter = tab.Page.GetByLabel("Filter endpoints");
        await filter.FillAsync("hall-a");
        await Expect(tab.Page.Locator("table.endpoints tbody tr")).ToHaveCountAsync(2);
        await tab.Page.EvaluateAsync("window.row = document.querySelector('table.endpoints tbody tr')");
        string before = await tab.Page.Locator("#read-at").InnerTextAsync();

        await shop.CallCatalogAsync(50);
        await Expect(tab.Page.Locator("#read-at")).Not.ToHaveTextAsync(before);

        await Expect(filter).ToBeFocusedAsync();
        await Expect(filter).ToHaveValueAsync("hall-a");
        Assert.True(await tab.Page.EvaluateAsync<bool>("document.contains(window.row)"));
    }

    [Fact]
    public async Task Selected_text_is_held_until_it_is_let_go()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallCatalogAsync(10);
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");

        await tab.Heading.ClickAsync(new() { ClickCount = 2, Position = new() { X = 15, Y = 15 } });
        await Expect(tab.State).ToHaveTextAsync("Held while text is selected");
        Assert.Equal("web", await tab.Page.EvaluateAsync<string>("getSelection().toString().trim()"));

        await tab.Page.EvaluateAsync("getSelection().removeAllRanges()");
        await Expect(tab.State).ToHaveTextAsync("Live");
    }

    [Fact]
    public async Task Paused_stands_still_and_goes_on()
    {
        await using Shop shop = await Shop.StartAsync();
        await shop.CallPaymentsAsync(5);
        await using Tab tab = await browser.OpenAsync(shop.StatusOf("payments"));
        ILocator calls = tab.Page.Locator(".figures div").Filter(new() { HasText = "Since the start" });
        await Expect(calls).ToContainTextAsync("5 calls");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(tab.State).ToHaveTextAsync(Patterns.Paused());

        await shop.CallPaymentsAsync(5);
        await Expect(calls).ToContainTextAsync("5 calls");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(tab.State).ToHaveTextAsync("Live");
        await Expect(calls).ToContainTextAsync("10 calls");
    }

    [Theory]
    [InlineData(401, "Signed out: reload this page to sign in")]
    [InlineData(302, "Signed out: reload this page to sign in")]
    [InlineData(403, "Not allowed to see this")]
    [InlineData(404, "The status is not here any more, trying again")]
    [InlineData(429, "The process sheds load, trying again")]
    [InlineData(503, "The process sheds load, trying again")]
    [InlineData(500, "The process answers with an error, trying again")]
    public async Task Events_that_are_refused_say_why(int status, string said)
    {
        await using ScriptedSite site = await ScriptedSite.StartAsync(HostileStatus.Create());
        await using Tab tab = await browser.OpenAsync(site.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");

        site.Refuse(status);

        await Expect(tab.State).ToHaveTextAsync(said);
        await Expect(tab.Heading).Not.ToBeEmptyAsync();
    }

    [Fact]
    public async Task Events_that_were_refused_are_live_again()
    {
        await using ScriptedSite site = await ScriptedSite.StartAsync(HostileStatus.Create());
        await using Tab tab = await browser.OpenAsync(site.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        site.Refuse(503);
        await Expect(tab.State).ToHaveTextAsync("The process sheds load, trying again");

        site.Refuse(0);

        await Expect(tab.State).ToHaveTextAsync("Live", new() { Timeout = 30_000 });
    }

    [Fact]
    public async Task Stream_that_asks_for_another_request_goes_on_in_silence()
    {
        await using ScriptedSite site = await ScriptedSite.StartAsync(HostileStatus.Create());
        await using Tab tab = await browser.OpenAsync(site.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        await tab.Page.EvaluateAsync(
            """
            window.said = [];
            new MutationObserver(() => window.said.push(document.getElementById('state-words').textContent))
              .observe(document.getElementById('state-words'), { childList: true, characterData: true, subtree: true });
            """);

        await site.EndStreamAsync();
        await site.EndStreamAsync();

        await Expect(tab.State).ToHaveTextAsync("Live");
        Assert.Empty(await tab.Page.EvaluateAsync<string[]>("window.said"));
    }

    [Theory]
    [InlineData(401, "signed out: reload this page to sign in")]
    [InlineData(302, "signed out: reload this page to sign in")]
    [InlineData(403, "you are not allowed to see it")]
    [InlineData(503, "the process sheds load")]
    public async Task Paused_and_refused_says_why_and_reads_when_it_goes_on(int status, string said)
    {
        await using ScriptedSite site = await ScriptedSite.StartAsync(HostileStatus.Create());
        await using Tab tab = await browser.OpenAsync(site.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        site.Refuse(status);

        await tab.Page.Locator("table.services tbody a").First.ClickAsync();

        await Expect(tab.Page.Locator("main .empty")).ToHaveTextAsync($"Not read: {said}.");
        await Expect(tab.State).ToHaveTextAsync(Patterns.Paused());

        site.Refuse(0);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();

        await Expect(tab.Page.Locator("table.endpoints")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Process_that_ends_is_disconnected_since()
    {
        await using Shop shop = await Shop.StartAsync();
        await using Tab tab = await browser.OpenAsync(shop.Status);
        await Expect(tab.State).ToHaveTextAsync("Live");

        await shop.StopWebAsync();

        await Expect(tab.State).ToHaveTextAsync(Patterns.Disconnected());
        await Expect(tab.Heading).ToHaveTextAsync("web");
    }
}

using Mesh.Client.PageTests.Hosting;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>Whatever a text of the snapshot says, the page shows it as text.</summary>
public sealed class HostileTextTests(Browser browser)
{
    [Fact]
    public async Task Markup_in_every_text_is_shown_and_not_obeyed()
    {
        await using ScriptedSite site = await ScriptedSite.StartAsync(HostileStatus.Create());
        await using Tab tab = await browser.OpenAsync(site.Status);
        foreach (string section in (string[])["services", "failures", "identity", "planes", "inbound", "clients", "served", "authority", "configuration"])
        {
            await Expect(tab.Section(section)).ToContainTextAsync(HostileStatus.Text);
        }

        await AssertTextOnlyAsync(tab);
        await tab.Row("services", HostileStatus.Text).Locator("a").ClickAsync();
        await Expect(tab.Heading).ToHaveTextAsync(HostileStatus.Text);
        foreach (string section in (string[])["endpoints", "shares", "picks", "routes", "failures"])
        {
            await Expect(tab.Section(section)).ToContainTextAsync(HostileStatus.Text);
        }

        await AssertTextOnlyAsync(tab);
    }

    private static async Task AssertTextOnlyAsync(Tab tab)
    {
        Assert.Equal(0, await tab.NumberAsync("document.querySelectorAll('main img, main script, main iframe, main [onerror]').length"));
        Assert.False(await tab.Page.EvaluateAsync<bool>("'hostile' in window"));
    }
}

using Mesh.Client.PageTests.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.Client.PageTests;

/// <summary>
/// Pictures of a shop at work, for people to look at: beside the test, and with <c>MESH_RENEW=1</c> the one of the README in
/// <c>docs/images</c>, after minutes of traffic.
/// </summary>
public sealed class ScreenshotTests(Browser browser)
{
    private static readonly bool Renew = Environment.GetEnvironmentVariable("MESH_RENEW") == "1";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "screenshots");

    [Fact]
    public async Task Shop_with_a_dead_and_a_failing_instance_is_pictured()
    {
        await using Shop shop = await Shop.StartAsync();
        await using (Tab first = await browser.OpenAsync(shop.Status))
        {
            await Expect(first.State).ToHaveTextAsync("Live");
        }

        shop.Payments[0].Latency = TimeSpan.FromMilliseconds(12);
        foreach (Instance instance in shop.Catalog)
        {
            instance.Latency = TimeSpan.FromMilliseconds(2);
        }

        await shop.WorkAsync(Renew ? TimeSpan.FromMinutes(3) : TimeSpan.Zero);
        await shop.Catalog[2].KillAsync();
        shop.Payments[1].Status = 503;
        await shop.WorkAsync(Renew ? TimeSpan.FromSeconds(15) : TimeSpan.Zero);
        await StumbleAsync(shop);

        string overview = await TakeAsync(shop.Status, "status", 1280, ColorScheme.Light, fullPage: false);
        await TakeAsync(shop.Status, "status-dark", 1280, ColorScheme.Dark);
        await TakeAsync(shop.Status, "status-phone", 360, ColorScheme.Light);
        await TakeAsync(shop.StatusOf("catalog"), "service", 1280, ColorScheme.Light);
        await TakeAsync(shop.StatusOf("catalog"), "service-dark", 1280, ColorScheme.Dark);
        await TakeAsync(shop.StatusOf("catalog"), "service-phone", 360, ColorScheme.Dark);

        Assert.True(new FileInfo(overview).Length > 20_000, "The picture shows nothing.");
        if (Renew)
        {
            File.Copy(overview, Path.Combine(Root(), "docs", "images", "status.png"), overwrite: true);
        }
    }

    /// <summary>Two calls find no instance of the catalog that would answer; then it is well again.</summary>
    private static async Task StumbleAsync(Shop shop)
    {
        foreach (int status in (int[])[503, 200])
        {
            foreach (Instance instance in (Instance[])[.. shop.Catalog, shop.Canary])
            {
                instance.Status = status;
            }

            await shop.CallCatalogAsync(2);
        }
    }

    private async Task<string> TakeAsync(Uri address, string name, int width, ColorScheme scheme, bool fullPage = true)
    {
        await using Tab tab = await browser.OpenAsync(address, width, 1040, scheme);
        await Expect(tab.Section("failures")).ToBeVisibleAsync();
        string path = Path.Combine(Folder, $"{name}.png");
        await tab.Page.ScreenshotAsync(new() { Path = path, FullPage = fullPage });
        return path;
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Mesh.Client.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}

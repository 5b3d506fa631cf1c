using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Mesh.Client.PageTests.Hosting.Browser))]

namespace Mesh.Client.PageTests.Hosting;

/// <summary>The machine's Chromium, started once for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    // Generous: it is waited for what comes, and it comes at once.
    private const float Limit = 30_000;

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        string path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? Places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is needed: apt-get install chromium, or set CHROMIUM_PATH.");
        Assertions.SetDefaultExpectTimeout(Limit);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,

            // Chromium's sandbox refuses to run as root, as tests in containers do.
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
    }

    /// <summary>A tab of its own at an address.</summary>
    /// <param name="address">What it opens.</param>
    /// <param name="width">Of the view, in CSS pixels.</param>
    /// <param name="height">The same.</param>
    /// <param name="scheme">What the system prefers.</param>
    internal async Task<Tab> OpenAsync(Uri address, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(Limit);
        return await Tab.OpenAsync(context, address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

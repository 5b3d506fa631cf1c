using Microsoft.Playwright;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>
/// A tab that writes down what a good page never does. Its disposal fails the test for an error on the console, an exception, a violation
/// of the content security policy, or a request to another host.
/// </summary>
internal sealed class Tab : IAsyncDisposable
{
    // Chromium writes a line for every answer that is no success: the page asks why a stream was refused, and shows it.
    private const string RefusedAnswer = "Failed to load resource: ";

    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];

    private Tab(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        _address = address;
        Page = page;
        page.Console += (_, message) => Complain(
            message.Type is "error" or "warning" && !message.Text.StartsWith(RefusedAnswer, StringComparison.Ordinal), message.Text);
        page.PageError += (_, error) => Complain(true, error);
        page.Request += (_, request) =>
        {
            lock (_requests)
            {
                _requests.Add(request.Url);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>The words of the feed's state.</summary>
    public ILocator State => Page.Locator("#state-words");

    public ILocator Heading => Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    public static async Task<Tab> OpenAsync(IBrowserContext context, Uri address)
    {
        await context.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', event => console.error('policy', event.violatedDirective, event.blockedURI));");
        var tab = new Tab(context, await context.NewPageAsync(), address);
        await tab.Page.GotoAsync(address.ToString());
        return tab;
    }

    public ILocator Section(string id) => Page.Locator($"#{id}");

    /// <summary>A row of the table of that class, by a text in it.</summary>
    public ILocator Row(string table, string text) => Page.Locator($"table.{table} tbody tr").Filter(new() { HasText = text });

    /// <summary>A cell of a row, by its column.</summary>
    public static ILocator Cell(ILocator row, string column) => row.Locator($"[data-title='{column}']");

    /// <summary>Runs a script and reads what it made as a number.</summary>
    public Task<int> NumberAsync(string script) => Page.EvaluateAsync<int>(script);

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        lock (_complaints)
        {
            Assert.Empty(_complaints);
        }

        lock (_requests)
        {
            Assert.NotEmpty(_requests);
            Assert.All(_requests, request => Assert.True(
                request.StartsWith("data:", StringComparison.Ordinal) || new Uri(request).Authority == _address.Authority, request));
        }
    }

    private void Complain(bool bad, string text)
    {
        if (bad)
        {
            lock (_complaints)
            {
                _complaints.Add(text);
            }
        }
    }
}

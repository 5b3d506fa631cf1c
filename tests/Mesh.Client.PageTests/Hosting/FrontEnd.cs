using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>A front end alone.</summary>
internal sealed class FrontEnd : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FrontEnd(WebApplication app) => _app = app;

    public Uri Status => new(new Uri(_app.Urls.Single()), "/mesh");

    public static async Task<FrontEnd> StartAsync(Action<IServiceCollection>? configure = null) =>
        new(await ShopServers.StartWebAsync(new Dictionary<string, string?>(), configure));

    public HttpClient Client() => _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(ShopServers.Client);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

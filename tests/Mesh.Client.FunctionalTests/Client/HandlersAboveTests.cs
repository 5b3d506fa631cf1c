using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary>What Aspire's ServiceDefaults put above every client.</summary>
public sealed class HandlersAboveTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseMesh_ServiceDefaultsAbove_OneWarningPerClientAndKind()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address), services =>
        {
            AddServiceDefaults(services);
            services.AddHttpClient("a").UseMesh().SetHandlerLifetime(TimeSpan.FromSeconds(1));
            services.AddHttpClient("b").UseMesh();
            services.AddHttpClient("without");
        });

        IHttpMessageHandlerFactory handlers = host.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        HttpMessageHandler first = handlers.CreateHandler("a");
        await Eventually.TrueAsync(() => handlers.CreateHandler("a") != first);
        Assert.Equal("catalog-1", await host.Client("a").GetStringAsync("http://catalog/", Cancel));
        Assert.Equal("catalog-1", await host.Client("b").GetStringAsync("http://catalog/", Cancel));
        host.Client("without");

        string[] warnings = Warnings(host);
        Assert.Equal(4, warnings.Length);
        Assert.Single(
            warnings, text => text.Contains("'a'", StringComparison.Ordinal) && text.Contains("resilience", StringComparison.Ordinal));
        Assert.Single(
            warnings, text => text.Contains("'b'", StringComparison.Ordinal) && text.Contains("resilience", StringComparison.Ordinal));
        Assert.Single(
            warnings,
            text => text.Contains("'a'", StringComparison.Ordinal) && text.Contains("service-discovery", StringComparison.Ordinal));
        Assert.Single(
            warnings,
            text => text.Contains("'b'", StringComparison.Ordinal) && text.Contains("service-discovery", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UseMesh_RemediesOfTheWarnings_NoWarningAndOneAttempt()
    {
        int hits = 0;
        await using InProcessServer server = await InProcessServer.HttpAsync(context =>
        {
            Interlocked.Increment(ref hits);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address), services =>
        {
            AddServiceDefaults(services);
            IHttpClientBuilder client = services.AddHttpClient("a").UseMesh().AddHttpMessageHandler(() => new OwnHandler());
#pragma warning disable EXTEXP0001 // What the warning names.
            client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
            client.ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers
                .Where(handler => handler.GetType().Name is "ResolvingHttpDelegatingHandler").ToList()
                .ForEach(handler => handlers.Remove(handler)));
        });

        using HttpResponseMessage response = await host.Client("a").PostAsync("http://catalog/", null, Cancel);

        Assert.Equal("yes", Assert.Single(response.Headers.GetValues("x-own")));
        Assert.Equal(1, hits);
        Assert.Empty(Warnings(host));
    }

    private static string[] Warnings(MeshHost host) =>
    [
        .. host.Logs.GetSnapshot()
            .Where(record => record.Level == LogLevel.Warning && record.Id.Name == "HandlerAbove")
            .Select(record => record.Message),
    ];

    private static void AddServiceDefaults(IServiceCollection services)
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(client =>
        {
            client.AddStandardResilienceHandler();
            client.AddServiceDiscovery();
        });
    }

    private sealed class OwnHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            response.Headers.Add("x-own", "yes");
            return response;
        }
    }
}

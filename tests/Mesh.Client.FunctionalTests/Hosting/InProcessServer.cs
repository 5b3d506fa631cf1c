using System.Net;
using Mesh.Client.FunctionalTests.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A real Kestrel on 127.0.0.1 in this process. Disposal stops it.</summary>
internal sealed class InProcessServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InProcessServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
    }

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>What the server has logged, from Information up.</summary>
    public FakeLogCollector Logs => _app.Services.GetFakeLogCollector();

    /// <param name="configure">Adds services.</param>
    /// <param name="map">Adds middleware and endpoints.</param>
    /// <param name="port">0 takes a free one; another lets a server come back where it was.</param>
    /// <param name="protocols">HTTP/2 by prior knowledge unless told otherwise.</param>
    /// <param name="shutdownTimeout">How long a stop waits for open requests; 1 s unless told otherwise.</param>
    /// <param name="ip">127.0.0.1 unless told otherwise.</param>
    public static async Task<InProcessServer> StartAsync(
        Action<IServiceCollection>? configure,
        Action<WebApplication> map,
        int port = 0,
        HttpProtocols protocols = HttpProtocols.Http2,
        TimeSpan? shutdownTimeout = null,
        IPAddress? ip = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(ip ?? IPAddress.Loopback, port, listen => listen.Protocols = protocols));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(1));
        configure?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new InProcessServer(app);
    }

    /// <summary>Answers every request with a name.</summary>
    public static Task<InProcessServer> HttpAsync(string name, HttpProtocols protocols = HttpProtocols.Http1) =>
        HttpAsync(context => context.Response.WriteAsync(name), protocols);

    /// <summary>Answers every request so.</summary>
    public static Task<InProcessServer> HttpAsync(RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync(null, app => app.Run(answer), protocols: protocols);

    /// <summary>Answers GETs of <c>/who</c> with a name, and nothing else.</summary>
    public static Task<InProcessServer> WhoAsync(string name) =>
        StartAsync(null, app => app.MapGet("/who", () => name), protocols: HttpProtocols.Http1);

    public static Task<InProcessServer> GrpcAsync(ProbeService probe) =>
        StartAsync(services => services.AddSingleton(probe).AddGrpc(), app => app.MapGrpcService<ProbeService>());

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

using Mesh.Client.Runtime;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

/// <summary>Makes calls whose first attempt succeeds over a handler that suspends: with one feature, or without a mesh.</summary>
internal sealed class FeatureClient : IDisposable
{
    private static readonly Uri Address = new("http://catalog/items/1?version=2");

    private readonly SuspendingHandler _handler = new();
    private readonly ServiceProvider? _services;
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _hasDeadline;

    /// <param name="feature">Null: a bare invoker.</param>
    /// <param name="linkerdNames">Whether it is told of under Linkerd's names.</param>
    public FeatureClient(Feature? feature, bool linkerdNames = false)
    {
        if (feature is null)
        {
            _invoker = new HttpMessageInvoker(_handler);
            return;
        }

        var services = new ServiceCollection();
        services.AddSingleton<IEndpointHandlerFactory>(new SuspendingHandler.Factory(_handler));
        services.AddMeshClient(options =>
        {
            MeshServiceOptions catalog = Service(1);
            feature.Configure(catalog);
            options.Telemetry.LinkerdNames = linkerdNames;
            options.Services.Add("catalog", catalog);
            options.Services.Add("canary", Service(4));
        });
        if (feature.Linkerd is { } linkerd)
        {
            services.AddSingleton(linkerd);
        }

        _hasDeadline = feature.HasDeadline;
        _services = services.BuildServiceProvider();
        MeshRuntime runtime = _services.GetRequiredService<MeshRuntime>();
        foreach (string service in (string[])["http://catalog", "http://canary"])
        {
            runtime.Find(new Uri(service), MeshScope.Client)!.FirstAnswerAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        _invoker = new HttpMessageInvoker(new MeshHandler(runtime, MeshScope.Client, new SocketsHttpHandler()));
    }

    /// <summary>Of the mesh; null without one.</summary>
    public IServiceProvider? Services => _services;

    /// <summary>What each request takes along; null: nothing.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Makes calls one by one, and reads each response to its end.</summary>
    public void Send(int calls)
    {
        using IDisposable? deadline = _hasDeadline ? MeshDeadline.Begin(TimeSpan.FromHours(1)) : null;
        using var caller = new CancellationTokenSource();
        Span<byte> buffer = stackalloc byte[256];
        for (int i = 0; i < calls; i++)
        {
            using var request = new HttpRequestMessage(Body is null ? HttpMethod.Get : HttpMethod.Put, Address);
            request.Content = Body is null ? null : new ByteArrayContent(Body);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.TryAddWithoutValidation("x-user-id", "user-42");
            Task<HttpResponseMessage> call = _invoker.SendAsync(request, caller.Token);
            _handler.Complete();

            // Nothing of it is done, or counted, on another thread.
            using HttpResponseMessage response = call.IsCompleted ? call.Result : throw new InvalidOperationException("It goes on.");
            using Stream body = response.Content.ReadAsStream(caller.Token);
            while (body.Read(buffer) > 0)
            {
            }
        }
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _services?.Dispose();
        _handler.Dispose();
    }

    private static MeshServiceOptions Service(int port) => new()
    {
        Endpoints = [.. Enumerable.Range(port, 3).Select(port => new MeshEndpointOptions { Address = $"127.0.0.1:{port}" })],
    };
}

using System.Globalization;
using System.Net;
using Grpc.Net.Client;
using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A process of its own with the mesh in it, and one service, <c>catalog</c>, whose endpoints are known.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    public static readonly Uri Catalog = new("http://catalog");

    private readonly ServiceProvider _services;

    private TestMesh(ServiceProvider services) => _services = services;

    public IServiceProvider Services => _services;

    /// <summary>What the mesh has logged.</summary>
    public FakeLogCollector Logs => _services.GetFakeLogCollector();

    /// <summary>The service <c>catalog</c>.</summary>
    public ServiceRuntime Service => _services.GetRequiredService<MeshRuntime>().Find(Catalog, MeshScope.Client)!;

    /// <param name="endpoints">Where <c>catalog</c> listens.</param>
    /// <param name="configure">Its other settings.</param>
    /// <param name="clock">Null is the system's.</param>
    /// <param name="services">More services.</param>
    public static async Task<TestMesh> StartAsync(
        string[] endpoints,
        Action<MeshServiceOptions>? configure = null,
        RecordingClock? clock = null,
        Action<IServiceCollection>? services = null)
    {
        TestMesh mesh = Create(
            options =>
            {
                var catalog = new MeshServiceOptions { Endpoints = [.. endpoints.Select(address => new MeshEndpointOptions { Address = address })] };
                configure?.Invoke(catalog);
                options.Services["catalog"] = catalog;
            },
            clock,
            services);
        await Eventually.TrueAsync(() =>
        {
            // Publishing is spaced by the clock too.
            clock?.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service.Snapshot.Set.Status is EndpointSetStatus.Known;
        });
        return mesh;
    }

    /// <summary>A process whose services are whatever <paramref name="configure"/> and the sources in <paramref name="services"/> say.</summary>
    public static TestMesh Create(
        Action<MeshClientOptions>? configure = null, RecordingClock? clock = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.AddFakeLogging().SetMinimumLevel(LogLevel.Trace));
        if (clock is not null)
        {
            collection.AddSingleton<TimeProvider>(clock);
        }

        services?.Invoke(collection);
        collection.AddMeshClient(options => configure?.Invoke(options));
        collection.AddHttpClient("one").UseMesh();
        collection.AddHttpClient("two").UseMesh();
        return new TestMesh(collection.BuildServiceProvider());
    }

    /// <summary>A client of <c>catalog</c>; the names <c>one</c> and <c>two</c> are known.</summary>
    public HttpClient Client(string name = "one")
    {
        HttpClient client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(name);
        client.BaseAddress = Catalog;
        return client;
    }

    /// <summary>A channel to <c>catalog</c>, which the caller disposes.</summary>
    public GrpcChannel Channel(Action<GrpcChannelOptions>? configure = null) =>
        _services.GetRequiredService<IMeshChannelFactory>().CreateChannel("catalog", configure);

    /// <summary>The endpoint at an address.</summary>
    public EndpointRuntime Endpoint(string address) => Service.Snapshot.Endpoints.Single(endpoint => endpoint.Address.Text == address);

    /// <summary>A hash key that belongs to the endpoint at an address, so that a call begins there.</summary>
    public string KeyOf(string address)
    {
        ServiceSnapshot snapshot = Service.Snapshot;
        var all = new AllOf(snapshot);
        return Enumerable.Range(0, 10_000).Select(n => n.ToString(CultureInfo.InvariantCulture)).First(key =>
            snapshot.Endpoints[snapshot.Balancers.Pick(hasHash: true, RequestHash.Of(key), all).Index].Address.Text == address);
    }

    /// <summary>Sends a request that begins at the endpoint at an address.</summary>
    public Task<HttpResponseMessage> SendToAsync(
        string address, HttpMethod method, HttpContent? content = null, CancellationToken? cancellation = null, bool http2 = false)
    {
        var request = new HttpRequestMessage(method, "/") { Content = content };
        if (http2)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        request.SetMeshHashKey(KeyOf(address));
        return Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Gets from the endpoint at an address.</summary>
    public Task<HttpResponseMessage> GetFromAsync(string address) => SendToAsync(address, HttpMethod.Get);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class AllOf(ServiceSnapshot snapshot) : ICandidates
    {
        public int Count => snapshot.Endpoints.Length;

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index) => snapshot.Endpoints[index].Load;
    }
}

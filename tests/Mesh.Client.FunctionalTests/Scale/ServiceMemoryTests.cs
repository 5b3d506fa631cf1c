using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>
/// What a service costs a process that knows its ten endpoints and has not called them: managed memory after a full collection, divided by
/// a thousand services.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ServiceMemoryTests : IDisposable
{
    private const int Services = 1_000;
    private const int Endpoints = 10;
    private const int Ceiling = 8 * 1024;

    // Less is no service with ten endpoints: what was measured was something else.
    private const int Floor = 1024;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Service_OfConfiguration_FitsInto8KiB() =>
        Assert.InRange(await MedianAsync(() => RuntimeAsync(ConfiguredMesh)), Floor, Ceiling);

    [Fact]
    public async Task Service_OfAControlPlane_FitsInto8KiBBesideItsStream()
    {
        string settings = _folder.Write("control-plane.json", JsonSerializer.Serialize(ControlPlaneSettings()));
        await using TestNodeProcess controlPlane = await TestNodeProcess.ControlPlaneAsync(settings);
        var address = new Uri($"http://127.0.0.1:{controlPlane.Port}");

        // The first pays for what is made once.
        await StreamsAsync(address);
        double stream = await MedianAsync(() => StreamsAsync(address));
        double service = await MedianAsync(
            () => RuntimeAsync(services => services.AddMeshClient(options => options.ControlPlane.Address = address)));

        Report("a stream of Grpc.Net's, first message read", stream);
        Report("ours, the same messages kept", service - stream);
        Assert.InRange(service - stream, Floor, Ceiling);
    }

    /// <summary>What another test left may go while one is measured: the median of three does not see it.</summary>
    private static async Task<double> MedianAsync(Func<Task<double>> measure)
    {
        double[] measured = [await measure(), await measure(), await measure()];
        return measured.Order().ElementAt(1);
    }

    private static string Host(int service) => string.Create(CultureInfo.InvariantCulture, $"service-{service}");

    private static string Address(int service, int endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"10.{service / 250}.{service % 250}.{endpoint + 1}:8080");

    private static void ConfiguredMesh(IServiceCollection services) => services.AddMeshClient(options =>
    {
        for (int service = 0; service < Services; service++)
        {
            options.Services.Add(Host(service), new MeshServiceOptions
            {
                Endpoints = [.. Enumerable.Range(0, Endpoints).Select(i => new MeshEndpointOptions { Address = Address(service, i) })],
            });
        }
    });

    private static Dictionary<string, string> ControlPlaneSettings() => Enumerable.Range(0, Services)
        .SelectMany(service => Enumerable.Range(0, Endpoints).Select(i => (service, i)))
        .ToDictionary(at => $"Mesh:Services:{Host(at.service)}:Endpoints:{at.i}:Address", at => Address(at.service, at.i));

    /// <summary>The whole of what the runtime adds for its services, from the moment that the options are read.</summary>
    private static async Task<double> RuntimeAsync(Action<IServiceCollection> add)
    {
        var collection = new ServiceCollection();
        add(collection);
        await using ServiceProvider provider = collection.BuildServiceProvider();
        _ = provider.GetRequiredService<MeshConfiguration>();
        long before = await HeapAsync();
        MeshRuntime runtime = provider.GetRequiredService<MeshRuntime>();
        ServiceRuntime[] services =
            [.. Enumerable.Range(0, Services).Select(i => runtime.Find(new Uri($"http://{Host(i)}"), MeshScope.Client)!)];
        await Eventually.TrueAsync(() => Array.TrueForAll(services, service => service.Snapshot.Endpoints.Length == Endpoints));
        double each = (await HeapAsync() - before) / (double)Services;
        Report("a service", each);
        GC.KeepAlive(services);
        return each;
    }

    /// <summary>The same streams without the mesh.</summary>
    private static async Task<double> StreamsAsync(Uri controlPlane)
    {
        using var channel = new ControlPlaneChannel(controlPlane);
        var client = new Destination.DestinationClient(channel.CreateCallInvoker());
        long before = await HeapAsync();
        List<(AsyncServerStreamingCall<Update> Call, Task<bool> Next)> open =
            [.. await Task.WhenAll(Enumerable.Range(0, Services).Select(i => OpenAsync(client, i)))];
        double each = (await HeapAsync() - before) / (double)Services;
        open.ForEach(one => one.Call.Dispose());
        await ((Task)Task.WhenAll(open.Select(one => one.Next))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return each;
    }

    private static async Task<(AsyncServerStreamingCall<Update> Call, Task<bool> Next)> OpenAsync(
        Destination.DestinationClient client, int service)
    {
        AsyncServerStreamingCall<Update> call =
            client.Get(new GetDestination { Path = $"{Host(service)}.default.svc.cluster.local:80" });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(Endpoints, call.ResponseStream.Current.Add.Addrs.Count);
        return (call, call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    /// <summary>Once it rests: what was in flight a moment ago is gone.</summary>
    private static async Task<long> HeapAsync()
    {
        long heap = 0;
        int same = 0;
        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long now = GC.GetTotalMemory(forceFullCollection: true);
            same = Math.Abs(now - heap) < Services * 8L ? same + 1 : 0;
            heap = now;
            return same == 5;
        });
        return heap;
    }

    private static void Report(string what, double bytes) => TestContext.Current.TestOutputHelper?.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what}: {bytes:0} bytes"));
}

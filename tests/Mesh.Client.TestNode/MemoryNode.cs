using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Runtime;

namespace Mesh.Client.TestNode;

/// <summary>
/// Prints what a service costs a process that has nothing else to do: bytes of managed memory, over a thousand services whose ten endpoints
/// are known and not called.
/// </summary>
internal static class MemoryNode
{
    // For a machine that is busy with something else. Nobody waits for a node longer.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The mesh, over services of its options.</summary>
    public static Task<int> RunConfigurationAsync() => RunAsync(limit => MeasureAsync(
        services => services.AddMeshClient(options =>
        {
            for (int service = 0; service < MemoryFleet.Services; service++)
            {
                IEnumerable<string> addresses =
                    Enumerable.Range(0, MemoryFleet.Endpoints).Select(endpoint => MemoryFleet.Address(service, endpoint));
                options.Services.Add(MemoryFleet.Host(service), new MeshServiceOptions
                {
                    Endpoints = [.. addresses.Select(address => new MeshEndpointOptions { Address = address })],
                });
            }
        }),
        limit));

    /// <summary>The mesh, over the services of a control plane.</summary>
    public static Task<int> RunControlPlaneAsync(int port) => RunAsync(limit => MeasureAsync(
        services => services.AddMeshClient(options => options.ControlPlane.Address = new Uri($"http://127.0.0.1:{port}")), limit));

    /// <summary>The streams to a control plane, without the mesh.</summary>
    public static Task<int> RunStreamsAsync(int port) =>
        RunAsync(limit => StreamMemory.MeasureAsync(new Uri($"http://127.0.0.1:{port}"), limit));

    private static async Task<int> RunAsync(Func<CancellationToken, Task<double>> measure)
    {
        using var limit = new CancellationTokenSource(Limit);

        // The first pays for what is made once.
        await measure(limit.Token);
        double[] measured = [await measure(limit.Token), await measure(limit.Token), await measure(limit.Token)];
        Console.WriteLine(measured.Order().ElementAt(1).ToString("0", CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>The whole of what the runtime adds for its services, from the moment that the options are read.</summary>
    private static async Task<double> MeasureAsync(Action<IServiceCollection> add, CancellationToken limit)
    {
        var collection = new ServiceCollection();
        add(collection);
        await using ServiceProvider provider = collection.BuildServiceProvider();
        _ = provider.GetRequiredService<MeshConfiguration>();
        long before = await ManagedHeap.AtRestAsync(limit);
        MeshRuntime runtime = provider.GetRequiredService<MeshRuntime>();
        ServiceRuntime[] services =
        [
            .. Enumerable.Range(0, MemoryFleet.Services)
                .Select(i => runtime.Find(new Uri($"http://{MemoryFleet.Host(i)}"), MeshScope.Client)!),
        ];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Array.Exists(services, service => service.Snapshot.Endpoints.Length != MemoryFleet.Endpoints))
        {
            await timer.WaitForNextTickAsync(limit);
        }

        double each = (await ManagedHeap.AtRestAsync(limit) - before) / (double)MemoryFleet.Services;
        GC.KeepAlive(services);
        return each;
    }
}

using System.Diagnostics;
using System.Globalization;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Benchmarks;

/// <summary>
/// One Service of 100 endpoints and its clients. Directly: what each costs the API server. By fan-out: what each costs the control plane,
/// in a process of its own, with clients in another, in turns at rest and with changes.
/// </summary>
internal static class KubernetesFanOut
{
    private const int Endpoints = 100;
    private const int Direct = 100;
    private const int Clients = 1_000;
    private const int Rounds = 5;
    private const int Changes = 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        await DirectAsync();
        await FanOutAsync();
    }

    private static async Task DirectAsync()
    {
        await using FaultServer server = await StartServerAsync();
        ServiceProvider[] clients = [.. Enumerable.Range(0, Direct).Select(_ => Client(server))];
        ServiceRuntime[] services = [.. clients.Select(
            client => client.GetRequiredService<MeshRuntime>().Find(new Uri("http://catalog.shop"), MeshScope.Client)!)];
        SpinWait.SpinUntil(() => services.All(service => service.Snapshot.Endpoints.Length == Endpoints));
        (int calls, long bytes) = (server.Calls.Length, server.Bytes);
        Console.WriteLine($"direct, per client of {Direct}: {(double)calls / Direct:0.0} requests, "
            + $"{(double)server.Store.Watches.Length / Direct:0.0} watches, "
            + $"{bytes / Direct:N0} bytes at the start");
        await ChangeAsync(server, Changes, 0);
        await Task.Delay(Pace);
        Console.WriteLine($"  each change of an endpoint: {(server.Bytes - bytes) / Direct / Changes:N0} bytes");
        foreach (ServiceProvider client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task FanOutAsync()
    {
        await using FaultServer server = await StartServerAsync();
        await using WebApplication controlPlane = await StartControlPlaneAsync(server);
        string address = controlPlane.Urls.Single();
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        using Process clients = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["kubernetes-fanout-clients", address, $"{Clients}"])
        {
            RedirectStandardOutput = true,
        })!;
        await clients.StandardOutput.ReadLineAsync();
        Console.WriteLine($"fan-out, {Clients:N0} clients: {3 * Clients:N0} streams; {server.Calls.Length} requests and "
            + $"{server.Store.Watches.Length} watches at the API server, {server.Bytes:N0} bytes");
        Console.WriteLine($"  managed memory per client: {(GC.GetTotalMemory(forceFullCollection: true) - empty) / Clients:N0} bytes");
        var rest = new List<double>();
        var changing = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            rest.Add(await CpuAsync(() => Task.Delay(Pace * Changes)));
            changing.Add(await CpuAsync(() => ChangeAsync(server, Changes, round)));
        }

        double perUpdate = (Median(changing) - Median(rest)) / Changes;
        Console.WriteLine($"  CPU per update: {perUpdate:0.0} ms for all, {perUpdate * 1000 / Clients:0.0} µs per client (medians of {Rounds})");
        clients.Kill();
        await clients.WaitForExitAsync();
    }

    private static async Task<double> CpuAsync(Func<Task> work)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        await work();
        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
    }

    private static async Task ChangeAsync(FaultServer server, int changes, int round)
    {
        for (int i = 0; i < changes; i++)
        {
            server.Set(ResourceTypes.Slices, Slice((round * changes) + i + 1));
            await Task.Delay(Pace);
        }
    }

    private static async Task<FaultServer> StartServerAsync()
    {
        FaultServer server = await FaultServer.StartAsync();
        server.Set(ResourceTypes.Services, new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "catalog", NamespaceProperty = "shop" },
            Spec = new V1ServiceSpec { ClusterIP = "10.0.0.1", IpFamilies = ["IPv4"], Ports = [new V1ServicePort { Port = 80, Name = "http" }] },
        });
        server.Set(ResourceTypes.Slices, Slice(0));
        return server;
    }

    // One endpoint is another each time.
    private static V1EndpointSlice Slice(int change) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = "catalog-1",
            NamespaceProperty = "shop",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "catalog" },
        },
        AddressType = "IPv4",
        Ports = [new Discoveryv1EndpointPort { Port = 8080, Name = "http", Protocol = "TCP" }],
        Endpoints = [.. Enumerable.Range(change, Endpoints).Select(i => new V1Endpoint
        {
            Addresses = [$"10.1.{i / 250}.{i % 250}"],
            Conditions = new V1EndpointConditions { Ready = true, Serving = true, Terminating = false },
            NodeName = $"node-{i % 10}",
            Zone = $"zone-{i % 3}",
            TargetRef = new V1ObjectReference { Kind = "Pod", Name = $"catalog-7d9c5b8f6d-{i:x5}", NamespaceProperty = "shop" },
        })],
    };

    private static ServiceProvider Client(FaultServer server)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMeshClient(options => options.Namespace = "shop").AddKubernetes(options => options.Configuration = server.Configuration);
        return services.BuildServiceProvider();
    }

    private static async Task<WebApplication> StartControlPlaneAsync(FaultServer server)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddMeshServer();
        builder.Services.AddMeshClient(options => options.Namespace = "mesh")
            .AddKubernetes(options => options.Configuration = server.Configuration);
        builder.Services.AddMeshControlPlane();
        WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync();
        return app;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;

namespace Mesh.Client.Benchmarks;

/// <summary>The streams of many clients of a control plane, each with a connection of its own, as separate processes have them.</summary>
internal static class FanOutClients
{
    private const string Service = "catalog.shop.svc.cluster.local:80";
    private const string Workload = """{"ns":"shop","pod":"web-1"}""";

    /// <summary>Says a word when all have had their first answers, and goes on until it is killed.</summary>
    public static async Task RunAsync(string address, int count)
    {
        var reading = new List<Task>();
        for (int i = 0; i < count; i++)
        {
            // Never disposed: the process ends with them.
            CallInvoker channel = GrpcChannel.ForAddress(
                address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false } }).CreateCallInvoker();
            var target = new GetDestination { Path = Service, ContextToken = Workload };
            var spec = new TrafficSpec { Authority = Service, SourceWorkload = Workload };
            var destinations = new Destination.DestinationClient(channel);
            Task[] answered =
            [
                FirstAsync(destinations.Get(target).ResponseStream, reading),
                FirstAsync(destinations.GetProfile(target).ResponseStream, reading),
                FirstAsync(new OutboundPolicies.OutboundPoliciesClient(channel).Watch(spec).ResponseStream, reading),
            ];
            await Task.WhenAll(answered);
        }

        Console.WriteLine("ready");
        await Task.WhenAll(reading);
    }

    private static async Task FirstAsync<T>(IAsyncStreamReader<T> stream, List<Task> reading)
    {
        await stream.MoveNext(CancellationToken.None);
        lock (reading)
        {
            reading.Add(ReadAsync(stream));
        }
    }

    private static async Task ReadAsync<T>(IAsyncStreamReader<T> stream)
    {
        while (await stream.MoveNext(CancellationToken.None))
        {
        }
    }
}

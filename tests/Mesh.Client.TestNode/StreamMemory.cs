using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;

namespace Mesh.Client.TestNode;

/// <summary>What Grpc.Net keeps for a stream of the control plane whose first message was read.</summary>
internal static class StreamMemory
{
    public static async Task<double> MeasureAsync(Uri controlPlane, CancellationToken limit)
    {
        using var channel = new ControlPlaneChannel(controlPlane);
        var client = new Destination.DestinationClient(channel.CreateCallInvoker());
        long before = await ManagedHeap.AtRestAsync(limit);
        List<(AsyncServerStreamingCall<Update> Call, Task<bool> Next)> open =
            [.. await Task.WhenAll(Enumerable.Range(0, MemoryFleet.Services).Select(i => OpenAsync(client, i, limit)))];
        double each = (await ManagedHeap.AtRestAsync(limit) - before) / (double)MemoryFleet.Services;
        open.ForEach(one => one.Call.Dispose());
        await ((Task)Task.WhenAll(open.Select(one => one.Next))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return each;
    }

    private static async Task<(AsyncServerStreamingCall<Update> Call, Task<bool> Next)> OpenAsync(
        Destination.DestinationClient client, int service, CancellationToken limit)
    {
        // Cancelled as the mesh does it: by the call's token.
        var request = new GetDestination { Path = $"{MemoryFleet.Host(service)}.default.svc.cluster.local:80" };
        AsyncServerStreamingCall<Update> call = client.Get(request, cancellationToken: limit);
        if (!await call.ResponseStream.MoveNext(CancellationToken.None)
            || call.ResponseStream.Current.Add?.Addrs.Count != MemoryFleet.Endpoints)
        {
            throw new InvalidOperationException($"The control plane did not tell of the {MemoryFleet.Endpoints} endpoints.");
        }

        return (call, call.ResponseStream.MoveNext(CancellationToken.None));
    }
}

using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>A server stream whose instance dies: the caller is told, and opens it again at the next of the key's sequence.</summary>
internal static class StreamStep
{
    public static async Task RunAsync(Report report, Fleet fleet, Catalog.CatalogClient grpc)
    {
        Report.Section($"gRPC server stream: a key of {Tour.Victim}");

        // One that goes to the same instance along its sequence and by the table without the victim: either may come first.
        string key = Enumerable.Range(0, Tour.Keys).Select(Tour.Key)
            .First(key => Tour.Three.Of(key) == Tour.Victim && Tour.Three.Of(key, Tour.Victim) == Tour.Two.Of(key));
        (string first, Status? ended) = await WatchAsync(grpc, key, messages: 3, then: () => fleet.KillAsync(Tour.Victim));
        report.Check("stream: starts at the key's instance", $"{key} at {first}", first == Tour.Victim);
        report.Check("stream: when it dies the caller is told", Describe(ended), ended?.StatusCode is StatusCode.Unavailable);
        (string next, _) = await WatchAsync(grpc, key, messages: 3, then: null);
        report.Check("stream: opened again at the next of the sequence", $"{key} at {next}", next == Tour.Two.Of(key));
    }

    // What is expected needs no detail; what is not has to explain itself.
    private static string Describe(Status? ended) =>
        ended is not { } status ? "nothing"
        : status.StatusCode is StatusCode.Unavailable ? $"{status.StatusCode}"
        : $"{status.StatusCode}: {status.Detail} {status.DebugException}";

    // Reads some messages, lets something happen, and reads on until the stream ends.
    private static async Task<(string Instance, Status? Ended)> WatchAsync(
        Catalog.CatalogClient grpc, string key, int messages, Func<Task>? then)
    {
        using AsyncServerStreamingCall<Item> call = grpc.WatchItem(
            new ItemRequest { Key = key }, new CallOptions(deadline: DateTime.UtcNow + Tour.Limit).WithMeshHashKey(key));
        string instance = string.Empty;
        try
        {
            for (int i = 0; i < messages && await call.ResponseStream.MoveNext(CancellationToken.None); i++)
            {
                instance = call.ResponseStream.Current.Instance;
            }

            if (then is null)
            {
                return (instance, null);
            }

            await then();
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return (instance, Status.DefaultSuccess);
        }
        catch (RpcException e)
        {
            return (instance, e.Status);
        }
    }
}

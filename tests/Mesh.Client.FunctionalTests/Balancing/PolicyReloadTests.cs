using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Balancing;

public sealed class PolicyReloadTests
{
    [Fact]
    public async Task Reload_PolicyChangesWhileCallsRun_NoCallIsLost()
    {
        const string Prefix = "Services:catalog:LoadBalancing";
        await using PolicyMesh mesh = await PolicyMesh.StartAsync(
            """{ "Policy": "PeakEwma", "HashOn": [ { "Header": "x-user" } ] }""",
            ["\"Weight\": 1, \"Zone\": \"a\"", "\"Weight\": 2, \"Zone\": \"b\"", "\"Weight\": 3, \"Zone\": \"b\""],
            configure: builder => builder.AddLoadBalancer("Nearest", _ => new NearestBalancer("a")));
        (string Key, string Value, PickReason Sign)[] changes =
        [
            ("Policy", "Random", PickReason.Random),
            ("Policy", "Maglev", PickReason.Hash),
            ("BoundedLoad", "100", PickReason.BoundedLoad),
            ("Policy", "Nearest", PickReason.Custom),
            ("Policy", "RingHash", PickReason.BoundedLoad),
            ("HashFunction", "MurmurHash2", PickReason.Hash),
            ("Policy", "LeastRequest", PickReason.LeastLoad),
            ("Policy", "nearest", PickReason.Custom),
            ("Policy", "RoundRobin", PickReason.RoundRobin),
        ];
        int[] seen = new int[Enum.GetValues<PickReason>().Length];
        int calls = 0;
        using var stop = new CancellationTokenSource();
        Task[] callers =
        [
            .. Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    MeshAttempt attempt = await mesh.GetAsync($"{i % 5}");
                    Interlocked.Increment(ref seen[(int)attempt.Reason]);
                    Interlocked.Increment(ref calls);
                }
            })),
        ];

        foreach ((string key, string value, PickReason sign) in changes)
        {
            int before = Volatile.Read(ref seen[(int)sign]);
            mesh.Host.Set(($"{Prefix}:{key}", value));
            await Eventually.TrueAsync(() => Volatile.Read(ref seen[(int)sign]) > before || callers.Any(caller => caller.IsCompleted));
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(calls, mesh.Backends.Sum(backend => backend.Hits));
    }
}

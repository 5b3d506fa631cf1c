using Mesh.Client.Runtime;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

/// <summary>
/// What the first attempt may allocate over a bare invoker whose handler suspends: a token, the body read to its end, and a call info that
/// is kept but not asked for are included.
/// Not beside other tests: that some request had a hash key makes those without one a little dearer.
/// </summary>
[Collection(nameof(FirstAttemptAllocationTests))]
[CollectionDefinition(nameof(FirstAttemptAllocationTests), DisableParallelization = true)]
public sealed class FirstAttemptAllocationTests
{
    private const int Ceiling = 520;
    private const int Calls = 2000;

    // What keeps the words of the application's own balancer; nothing else of such a pick is allocated.
    private const int Words = 168;

    [Theory]
    [InlineData("PeakEwma", false)]
    [InlineData("RoundRobin", false)]
    [InlineData("Random", false)]
    [InlineData("LeastRequest", false)]
    [InlineData("Maglev", false)]
    [InlineData("Maglev", true)]
    [InlineData("RingHash", true)]
    [InlineData("Quiet", false)]
    [InlineData("Quiet", true)]
    [InlineData("Wordy", false, Ceiling + Words)]
    [InlineData("Wordy", true, Ceiling + Words)]
    public async Task SendAsync_FirstAttemptSucceeds_AllocatesWithinTheCeiling(string policy, bool keyed, int ceiling = Ceiling)
    {
        using var handler = new SuspendingHandler();
        await using ServiceProvider services = Services(handler, policy);
        MeshRuntime runtime = services.GetRequiredService<MeshRuntime>();
        using var bare = new HttpMessageInvoker(handler, disposeHandler: false);
        using var mesh = new HttpMessageInvoker(new MeshHandler(runtime, MeshScope.Client, new SocketsHttpHandler()));
        await runtime.Find(new Uri("http://catalog"), MeshScope.Client)!.FirstAnswerAsync(TestContext.Current.CancellationToken);

        long over = Measure(mesh, handler, keyed) - Measure(bare, handler, keyed);

        TestContext.Current.SendDiagnosticMessage($"{policy}{(keyed ? " with a key" : null)}: {over} bytes over a bare invoker");
        Assert.InRange(over, 1, ceiling);
    }

    private static long Measure(HttpMessageInvoker invoker, SuspendingHandler handler, bool keyed)
    {
        var uri = new Uri("http://catalog/items/1");
        Run(invoker, handler, uri, keyed);

        // A collection on another thread may show in a round.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(invoker, handler, uri, keyed);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least / Calls;
    }

    private static void Run(HttpMessageInvoker invoker, SuspendingHandler handler, Uri uri, bool keyed)
    {
        using var caller = new CancellationTokenSource();
        Span<byte> buffer = stackalloc byte[256];
        for (int i = 0; i < Calls; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            if (keyed)
            {
                request.Headers.TryAddWithoutValidation("x-user-id", "user-42");
            }

            Task<HttpResponseMessage> call = invoker.SendAsync(request, caller.Token);
            handler.Complete();
            Assert.True(call.IsCompletedSuccessfully);
            using HttpResponseMessage response = call.Result;
            using Stream body = response.Content.ReadAsStream(caller.Token);
            while (body.Read(buffer) > 0)
            {
            }
        }
    }

    private static ServiceProvider Services(SuspendingHandler handler, string policy)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEndpointHandlerFactory>(new SuspendingHandler.Factory(handler));
        services.AddMeshClient(options =>
        {
            var catalog = new MeshServiceOptions
            {
                Endpoints = [new() { Address = "127.0.0.1:1" }, new() { Address = "127.0.0.1:2" }, new() { Address = "127.0.0.1:3" }],
                LoadBalancing = new LoadBalancingOptions
                {
                    Policy = policy,
                    HashOn = [new HashOnOptions { Header = "x-user-id" }],
                },
            };
            options.Services.Add("catalog", catalog);
        }).AddLoadBalancer("Quiet", _ => new Looking(null)).AddLoadBalancer("Wordy", _ => new Looking("by latency"));
        return services.BuildServiceProvider();
    }

    /// <summary>A balancer of the application that looks at all that it may.</summary>
    private sealed class Looking(string? words) : ILoadBalancer
    {
        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            (int best, TimeSpan least) = (-1, TimeSpan.MaxValue);
            for (int i = 0; i < context.Endpoints.Count; i++)
            {
                TimeSpan cost = context.Latency(i) * (context.ActiveCalls(i) + 1);
                if (context.CanPick(i) && !context.WasTried(i) && cost < least)
                {
                    (best, least) = (i, cost);
                }
            }

            return best < 0 || context.Attempt != 1 || context.Service.Length == 0
                ? LoadBalancerPick.None
                : new LoadBalancerPick(best, words);
        }
    }
}

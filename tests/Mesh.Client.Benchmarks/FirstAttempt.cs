using Mesh.Client.Runtime;
using Mesh.Client.Tests.Runtime;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Benchmarks;

/// <summary>The first attempt over a bare invoker whose handler suspends, as with real I/O.</summary>
internal static class FirstAttempt
{
    private static readonly Uri Address = new("http://catalog/items/1");

    private static readonly string[] Policies =
    [
        LoadBalancingPolicyName.PeakEwma, LoadBalancingPolicyName.RoundRobin, LoadBalancingPolicyName.Random,
        LoadBalancingPolicyName.LeastRequest, LoadBalancingPolicyName.Maglev, LoadBalancingPolicyName.RingHash, nameof(FirstFree),
    ];

    public static void Run()
    {
        using var handler = new SuspendingHandler();
        using var bare = new HttpMessageInvoker(handler, disposeHandler: false);
        var comparison = new Comparison("First attempt, nothing failing", 20_000);
        comparison.Add("bare invoker", calls => Send(bare, handler, calls));
        var owned = new List<IDisposable>();
        foreach (string policy in Policies)
        {
            ServiceProvider services = Services(handler, policy);
            MeshRuntime runtime = services.GetRequiredService<MeshRuntime>();
            var mesh = new HttpMessageInvoker(new MeshHandler(runtime, MeshScope.Client, new SocketsHttpHandler()));
            owned.AddRange([mesh, services]);
            runtime.Find(Address, MeshScope.Client)!.FirstAnswerAsync(CancellationToken.None).GetAwaiter().GetResult();
            comparison.Add($"mesh, {policy}, 3 endpoints", calls => Send(mesh, handler, calls));
        }

        comparison.Run();
        owned.ForEach(one => one.Dispose());
    }

    private static void Send(HttpMessageInvoker invoker, SuspendingHandler handler, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address);
            request.Headers.TryAddWithoutValidation("x-user-id", "user-42");
            Task<HttpResponseMessage> call = invoker.SendAsync(request, CancellationToken.None);
            handler.Complete();
            using HttpResponseMessage response = call.Result;
        }
    }

    private static ServiceProvider Services(SuspendingHandler handler, string policy)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEndpointHandlerFactory>(new SuspendingHandler.Factory(handler));
        services.AddMeshClient(options => options.Services.Add("catalog", new MeshServiceOptions
        {
            Endpoints = [new() { Address = "127.0.0.1:1" }, new() { Address = "127.0.0.1:2" }, new() { Address = "127.0.0.1:3" }],
            LoadBalancing = new LoadBalancingOptions { Policy = policy, HashOn = [new HashOnOptions { Header = "x-user-id" }] },
        })).AddLoadBalancer<FirstFree>(nameof(FirstFree));
        return services.BuildServiceProvider();
    }

    /// <summary>A balancer of the application, which says why.</summary>
    private sealed class FirstFree : ILoadBalancer
    {
        public LoadBalancerPick Pick(in LoadBalancerContext context)
        {
            for (int i = 0; i < context.Endpoints.Count; i++)
            {
                if (context.CanPick(i))
                {
                    return new LoadBalancerPick(i, "first");
                }
            }

            return LoadBalancerPick.None;
        }
    }
}

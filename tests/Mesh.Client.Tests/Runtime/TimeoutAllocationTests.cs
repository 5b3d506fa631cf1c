using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Resilience;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Runtime;

/// <summary>What a timeout costs a call whose first attempt succeeds.</summary>
[Collection(nameof(FirstAttemptAllocationTests))]
public sealed class TimeoutAllocationTests
{
    [Fact]
    public async Task SendAsync_AttemptTimeout_AllocatesNoMoreThanWithout()
    {
        long without = await MeasureAsync(TimeoutPolicy.None);
        long attempt = await MeasureAsync(new TimeoutPolicy(Attempt: TimeSpan.FromMinutes(1)));
        long both = await MeasureAsync(new TimeoutPolicy(Attempt: TimeSpan.FromMinutes(1), ResponseHead: TimeSpan.FromMinutes(1)));
        long request = await MeasureAsync(new TimeoutPolicy(Request: TimeSpan.FromMinutes(1)));
        long idle = await MeasureAsync(new TimeoutPolicy(Idle: TimeSpan.FromMinutes(1)));

        TestContext.Current.SendDiagnosticMessage($"none {without}, attempt {attempt}, and head {both}, request {request}, idle {idle}");
        Assert.Equal((without, without), (attempt, both));

        // A clock and a stream.
        Assert.InRange(request, without + 1, without + 512);
        Assert.InRange(idle, without + 1, without + 512);
    }

    private static async Task<long> MeasureAsync(TimeoutPolicy timeouts)
    {
        using var handler = new SuspendingHandler();
        var services = new ServiceCollection();
        services.AddSingleton<IEndpointHandlerFactory>(new SuspendingHandler.Factory(handler));
        services.AddMeshClient(options => options.Services.Add(
            "catalog", new MeshServiceOptions { Endpoints = [new() { Address = "127.0.0.1:1" }, new() { Address = "127.0.0.1:2" }] }));
        await using ServiceProvider provider = services.BuildServiceProvider();
        MeshRuntime runtime = provider.GetRequiredService<MeshRuntime>();
        using var mesh = new HttpMessageInvoker(new MeshHandler(runtime, MeshScope.Client, new SocketsHttpHandler()));
        ServiceRuntime service = runtime.Find(new Uri("http://catalog"), MeshScope.Client)!;
        ServiceSnapshot snapshot = await service.FirstAnswerAsync(TestContext.Current.CancellationToken);
        var route = new RoutePolicy(RoutingPolicy.DefaultName) { Timeouts = timeouts };
        service.Publish(new SnapshotBuilder(service).Build(
            snapshot.Policy with { Routing = new RoutingPolicy([], route) }, snapshot.Set, snapshot));

        using var caller = new CancellationTokenSource();
        var uri = new Uri("http://catalog/items/1");
        byte[] buffer = new byte[256];
        const int calls = 1000;
        return Allocations.Of(() =>
        {
            for (int i = 0; i < calls; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                Task<HttpResponseMessage> call = mesh.SendAsync(request, caller.Token);
                handler.Complete();
                using HttpResponseMessage response = call.Result;
                using Stream body = response.Content.ReadAsStream(caller.Token);
                while (body.Read(buffer, 0, buffer.Length) > 0)
                {
                }
            }
        }) / calls;
    }
}

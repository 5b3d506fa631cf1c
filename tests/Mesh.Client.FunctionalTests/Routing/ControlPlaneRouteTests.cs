using System.Collections.Concurrent;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A route whose backend is known to a control plane.</summary>
public sealed class ControlPlaneRouteTests
{
    private readonly ManualSource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backend_WhoseInstancesComeAndGo_IsFollowed_AndNoCallFails()
    {
        await using Backend one = await Backend.StartAsync(), two = await Backend.StartAsync();
        _source.Set(Instances.Known(one.Address));
        await using InProcessServer controlPlane = await InProcessServer.StartAsync(
            services => services.AddSingleton<IEndpointSource>(_source).AddMeshControlPlane(), app => app.MapMeshControlPlane());
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ("ControlPlane:Address", controlPlane.Address.ToString()),
            ("Services:catalog:Routes:0:Filters:0:RequestHeaders:Set:x-rule", "r"),
            ("Services:catalog:Routes:0:Backends:0:Service", "catalog-next"),
        ]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var failures = new ConcurrentQueue<string>();
        Task[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallAsync(mesh, failures, stop.Token), Cancellation))];

        for (int i = 0; i < 10; i++)
        {
            (Backend from, Backend to) = i % 2 == 0 ? (one, two) : (two, one);
            _source.Set(Instances.Known(from.Address, to.Address));
            await Eventually.TrueAsync(() => Addresses(mesh).Contains(to.Address) || !failures.IsEmpty);
            _source.Set(Instances.Known(to.Address));
            await Eventually.TrueAsync(() => !Addresses(mesh).Contains(from.Address) || !failures.IsEmpty);
            int hits = to.Hits;
            await Eventually.TrueAsync(() => to.Hits > hits || !failures.IsEmpty);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(failures);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    private static IEnumerable<string> Addresses(MeshHost mesh) =>
        mesh.Snapshot("catalog-next")?.Endpoints.Select(endpoint => endpoint.Address.Text) ?? [];

    private static async Task CallAsync(MeshHost mesh, ConcurrentQueue<string> failures, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await mesh.AskAsync();
            }
            catch (Exception e)
            {
                failures.Enqueue(e.ToString());
            }
        }
    }
}

using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class UnforeseenTests
{
    [Fact]
    public async Task A_token_may_end_in_a_new_line()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Token = "secret-1";
        server.Set(Reading.Slices, Reading.Slice("a"));
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.AccessToken = "secret-1\n";
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");
    }

    [Fact]
    public async Task A_token_that_no_header_takes_is_said_and_not_told()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.AccessToken = "sec\nret";
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Eventually.TrueAsync(() => lease.State.Problem is not null);
        Assert.Contains("there is no token for it", lease.State.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("ret\"", lease.State.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(reading.Logs.GetSnapshot(), log => log.Message.Contains("sec\nret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_has_foreseen_is_logged_and_the_watch_begins_anew()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        server.Set(Reading.Slices, Reading.Slice("a"));
        var logs = new FakeLogCollector();
        int left = 3;
        await using var watches = new ResourceWatches(
            new ApiServer(server.Configuration, TimeProvider.System),
            new FakeLogger(logs),
            _ =>
            {
                if (Interlocked.Decrement(ref left) >= 0)
                {
                    throw new InvalidOperationException("a bug that names secret-7");
                }
            });
        var changed = new Pulse();
        using IResourceLease<V1EndpointSlice> lease = watches.Watch(
            new ResourceQuery<V1EndpointSlice>(Reading.Slices, "shop"), changed, new Pulse());
        for (int bug = 0; bug < 3; bug++)
        {
            await Eventually.TrueAsync(() => server.Store.Watches.Length == 1 && lease.State.Problem is null);
            server.Say(OpenWatch.Kind.Raw, "no event\n");
            server.Set(Reading.Slices, Reading.Slice($"b{bug}"));
            await Reading.SameAsync(server, lease);
            await Eventually.TrueAsync(() => logs.GetSnapshot().Count(log => log.Id.Name == "WatchFailed") == bug + 1);
        }

        FakeLogRecord told = logs.GetSnapshot().First(log => log.Id.Name == "WatchFailed");
        Assert.Contains(nameof(InvalidOperationException), told.Message, StringComparison.Ordinal);
        Assert.Contains("endpointslices.discovery.k8s.io in namespace shop", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-7", told.Message, StringComparison.Ordinal);
    }
}

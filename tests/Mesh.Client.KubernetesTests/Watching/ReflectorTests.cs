using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class ReflectorTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task What_is_there_is_read_once_and_changes_follow(bool tls, bool streamed)
    {
        await using FaultServer server = await FaultServer.StartAsync(tls);
        server.TakesStreamedLists = streamed;
        server.Set(Reading.Slices, Reading.Slice("a"));
        server.Set(Reading.Slices, Reading.Slice("other", service: "cart"));
        await using var reading = new Reading(server);
        using IResourceLease<V1EndpointSlice> lease = reading.OfService("catalog");
        await Reading.SameAsync(server, lease, "catalog");

        server.Set(Reading.Slices, Reading.Slice("b"));
        server.Set(Reading.Slices, Reading.Slice("a", address: "10.0.0.9"));
        await Reading.SameAsync(server, lease, "catalog");
        Assert.Equal("10.0.0.9", lease.State.Items["a"].Endpoints[0].Addresses[0]);

        server.Delete(Reading.Slices, "shop", "b");
        server.Set(Reading.Slices, Reading.Slice("a", service: "cart"));
        await Eventually.TrueAsync(() => lease.State.Items.IsEmpty);

        Assert.Equal(streamed ? 1 : 2, server.Lists);
        Assert.All(server.Calls, call => Assert.Equal(tls ? "HTTP/2" : "HTTP/1.1", call.Protocol));
        Assert.All(server.Calls, call => Assert.StartsWith("mesh-client/", call.UserAgent));
        Assert.Null(lease.State.Problem);
    }
}

using CsCheck;
using Mesh.Client.Health;

namespace Mesh.Client.Tests.Health;

public class BackendHealthTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(10, 5)]
    public void TryEject_AnySize_AtMostHalf(int total, int most)
    {
        var health = new BackendHealth();
        int ejected = Join(health, total).Count(e => e.TryEject());
        Assert.Equal(most, ejected);
        Assert.Equal(most, health.Ejected);
        Assert.False(health.MayEject());
        Assert.False(health.InPanic);
    }

    [Fact]
    public void TryEject_Twice_CountsOnce()
    {
        var health = new BackendHealth();
        EndpointStanding endpoint = Join(health, 4)[0];
        Assert.True(endpoint.TryEject());
        Assert.True(endpoint.TryEject());
        Assert.Equal(1, health.Ejected);
        endpoint.Readmit();
        endpoint.Readmit();
        Assert.Equal(0, health.Ejected);
    }

    [Fact]
    public void InPanic_EjectedAndDisconnected_CountsEachEndpointOnce()
    {
        var health = new BackendHealth();
        EndpointStanding[] endpoints = Join(health, 4);
        endpoints[0].TryEject();
        endpoints[0].SetDisconnected(true);
        endpoints[1].SetDisconnected(true);
        Assert.False(health.InPanic);
        endpoints[2].SetDisconnected(true);
        Assert.True(health.InPanic);
        endpoints[0].SetDisconnected(false);
        Assert.True(health.InPanic);
        endpoints[0].Readmit();
        Assert.False(health.InPanic);
    }

    [Fact]
    public void Dispose_EndpointLeaves_TakesItsCountsAlong()
    {
        var health = new BackendHealth();
        EndpointStanding[] endpoints = Join(health, 3);
        endpoints[0].TryEject();
        endpoints[1].SetDisconnected(true);
        Assert.True(health.InPanic);
        endpoints[0].Dispose();
        endpoints[0].Dispose();
        endpoints[0].SetDisconnected(true);
        Assert.False(endpoints[0].TryEject());
        Assert.False(health.InPanic);
        Assert.Equal((2, 0, 1), (health.Total, health.Ejected, health.Disconnected));
    }

    [Fact]
    public void Counts_AnyOrder_AreThoseOfTheEndpoints() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 4]).Array[0, 100].Sample(steps =>
        {
            var health = new BackendHealth();
            EndpointStanding[] endpoints = Join(health, 8);
            foreach ((int index, int action) in steps)
            {
                switch (action)
                {
                    case 0: endpoints[index].TryEject(); break;
                    case 1: endpoints[index].Readmit(); break;
                    case 2: endpoints[index].SetDisconnected(true); break;
                    case 3: endpoints[index].SetDisconnected(false); break;
                    default: endpoints[index].Dispose(); break;
                }
            }

            EndpointStanding[] left = [.. endpoints.Where(e => !e.Left)];
            return health.Total == left.Length
                && health.Ejected == left.Count(e => e.Ejected)
                && health.Disconnected == left.Count(e => e.Disconnected)
                && health.InPanic == (2 * left.Count(e => !e.Ejected && !e.Disconnected) < left.Length);
        });

    private static EndpointStanding[] Join(BackendHealth health, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => health.Join())];
}

using CsCheck;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Resilience.Limits;

public sealed class GradientLimitTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(100)]
    public void Overload_FindsTheServersCapacityAndABoundedQueue(int workers)
    {
        AdaptiveLimitPolicy policy = AdaptiveLimitPolicy.Default with { InitialLimit = Math.Min(workers, 20) };
        var server = new ModelServer(policy) { Workers = workers };

        server.Run(20).Run(10);

        Assert.InRange(server.Limit.Limit, workers, (3 * workers) + 8);
        Assert.InRange(server.Goodput, 0.99, 1);
    }

    [Fact]
    public void SlowsToATenth_LosesConcurrencyForSecondsOnly()
    {
        ModelServer server = new ModelServer(AdaptiveLimitPolicy.Default).Run(20);

        server.Service *= 10;
        server.Run(5);
        Assert.InRange(server.Limit.Limit, 1, 40);
        server.Run(30).Run(10);

        Assert.InRange(server.Goodput, 0.9, 1);
        Assert.InRange(server.Limit.Limit, 36, 130);
    }

    [Fact]
    public void FastAgain_IsAtItsPeakWithinFiveSeconds()
    {
        ModelServer server = new ModelServer(AdaptiveLimitPolicy.Default).Run(20);
        server.Service *= 10;
        server.Run(20);
        server.Service /= 10;

        server.Run(5).Run(1);

        Assert.InRange(server.Goodput, 0.9, 1);
    }

    [Fact]
    public void NotUsedToHalf_DoesNotGrow()
    {
        var server = new ModelServer(AdaptiveLimitPolicy.Default) { Offered = 9 };
        Assert.Equal(20, server.Run(20).Limit.Limit);

        server.Offered = 10;
        Assert.InRange(server.Run(5).Limit.Limit, 20, 22);
    }

    [Fact]
    public void Drops_ShrinkIt()
    {
        var server = new ModelServer(AdaptiveLimitPolicy.Default) { Workers = 1000, Drops = 2 };
        Assert.InRange(server.Run(20).Limit.Limit, 4, 6);

        server.Drops = 0;
        Assert.Equal(200, server.Run(60).Limit.Limit);
    }

    [Fact]
    public void AnyServer_StaysWithinItsBounds() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 100], Gen.Int[1, 50], Gen.Select(Gen.Int[1, 300], Gen.Int[0, 5], Gen.Int[1, 300]).Array[1, 8])
        .Sample((min, above, workers, phases) =>
        {
            var server = new ModelServer(new AdaptiveLimitPolicy(min, min + above, min)) { Workers = workers };
            foreach ((int milliseconds, int drops, int offered) in phases)
            {
                (server.Service, server.Drops, server.Offered) = (TimeSpan.FromMilliseconds(milliseconds), drops, offered);
                Assert.InRange(server.Run(1).Limit.Limit, min, min + above);
            }
        }, iter: 50);
}

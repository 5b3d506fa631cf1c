namespace Mesh.Client.Tests.Balancing;

/// <summary>What an application needs to test a balancer of its own without a mesh.</summary>
public sealed class LoadBalancerContextTests : ILoadBalancerCandidates
{
    [Fact]
    public void Context_MadeByHand_TellsWhatItWasGiven()
    {
        using var request = new HttpRequestMessage();
        MeshEndpoint[] endpoints = [new() { Address = "10.0.0.1:80" }, new() { Address = "10.0.0.2:80", Zone = "a" }];
        var context = new LoadBalancerContext("catalog.default.svc.cluster.local:80", request, endpoints, this, 42, 2);

        Assert.Equal(("catalog.default.svc.cluster.local:80", 42UL, 2), (context.Service, context.Hash, context.Attempt));
        Assert.Same(request, context.Request);
        Assert.Same(endpoints, context.Endpoints);
        Assert.Equal((false, true), (context.CanPick(0), context.CanPick(1)));
        Assert.Equal((true, false), (context.WasTried(0), context.WasTried(1)));
        Assert.Equal((10, 11), (context.ActiveCalls(0), context.ActiveCalls(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), context.Latency(1));
        Assert.Equal((1, 0, null), (endpoints[0].Weight, endpoints[0].Priority, endpoints[0].Zone));
        Assert.Empty(endpoints[0].Labels);
    }

    [Fact]
    public void Pick_Default_IsNone()
    {
        Assert.Equal(LoadBalancerPick.None, default);
        Assert.Equal((true, -1, null), (LoadBalancerPick.None.IsNone, LoadBalancerPick.None.Index, LoadBalancerPick.None.Reason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-2)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Pick_AnyIndex_IsKept(int index)
    {
        var pick = new LoadBalancerPick(index, "near");
        Assert.Equal((false, index, "near"), (pick.IsNone, pick.Index, pick.Reason));
    }

    bool ILoadBalancerCandidates.CanPick(int index) => index == 1;

    bool ILoadBalancerCandidates.WasTried(int index) => index == 0;

    int ILoadBalancerCandidates.ActiveCalls(int index) => 10 + index;

    TimeSpan ILoadBalancerCandidates.Latency(int index) => TimeSpan.FromSeconds(index);
}

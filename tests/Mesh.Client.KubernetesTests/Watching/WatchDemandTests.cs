using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class WatchDemandTests
{
    [Fact]
    public void One_task_is_waited_for_until_somebody_signals_or_joins()
    {
        var demand = new WatchDemand();
        Pulse first = new(), second = new();
        demand.Add(first);
        Task before = demand.Signalled;
        Assert.Same(before, demand.Signalled);
        Assert.False(before.IsCompleted);

        demand.Add(second);
        Assert.True(SpinWait.SpinUntil(() => before.IsCompleted, TimeSpan.FromSeconds(30)));
        Task joined = demand.Signalled;
        Assert.Same(joined, demand.Signalled);
        second.Signal();
        Assert.True(SpinWait.SpinUntil(() => joined.IsCompleted, TimeSpan.FromSeconds(30)));
        Assert.NotSame(joined, demand.Signalled);
    }

    [Fact]
    public void Who_has_left_is_not_heard()
    {
        var demand = new WatchDemand();
        Pulse gone = new(), here = new();
        demand.Add(gone);
        demand.Add(here);
        Task before = demand.Signalled;
        demand.Remove(gone);
        Task after = demand.Signalled;
        Assert.NotSame(before, after);
        gone.Signal();
        Assert.False(after.IsCompleted);
        here.Signal();
        Assert.True(SpinWait.SpinUntil(() => after.IsCompleted, TimeSpan.FromSeconds(30)));
    }
}

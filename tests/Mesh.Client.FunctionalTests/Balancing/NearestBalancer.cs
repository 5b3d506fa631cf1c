namespace Mesh.Client.FunctionalTests.Balancing;

// docs/balancing.md shows what follows as it stands here; a test compares the two.
public sealed class NearestBalancer(string zone, int busy = 100) : ILoadBalancer
{
    public LoadBalancerPick Pick(in LoadBalancerContext context)
    {
        (int near, int far) = (-1, -1);
        for (int i = 0; i < context.Endpoints.Count; i++)
        {
            if (context.CanPick(i))
            {
                ref int best = ref context.Endpoints[i].Zone == zone ? ref near : ref far;
                best = best < 0 || context.ActiveCalls(i) < context.ActiveCalls(best) ? i : best;
            }
        }

        bool isFree = near >= 0 && context.ActiveCalls(near) < busy;
        return isFree || far < 0
            ? near < 0 ? LoadBalancerPick.None : new LoadBalancerPick(near, "near")
            : new LoadBalancerPick(far, "spilled over");
    }
}

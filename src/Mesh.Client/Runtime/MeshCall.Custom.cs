using Mesh.Client.Balancing;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>A call whose endpoints the application's own balancer picks.</summary>
internal sealed partial class MeshCall : ILoadBalancerCandidates
{
    bool ILoadBalancerCandidates.CanPick(int index) => ((ICandidates)this).CanPick(index);

    bool ILoadBalancerCandidates.WasTried(int index) => _history?.Tried?.Contains(_snapshot.Endpoints[index]) == true;

    int ILoadBalancerCandidates.ActiveCalls(int index) => _snapshot.Endpoints[index].Load.Pending;

    TimeSpan ILoadBalancerCandidates.Latency(int index) => _snapshot.Endpoints[index].Load.Latency(service.Now);

    private Pick PickCustom(CustomPicks custom, out string? text)
    {
        BalancerFault fault = BalancerFault.NotMade;
        Exception? error = null;
        if (custom.Balancer is { } balancer)
        {
            int attempt = _current.Pool is null ? 1 : 2 + (_history?.Earlier?.Count ?? 0);
            var context = new LoadBalancerContext(
                Backend.Name.Authority, request, custom.Endpoints, this, _hasHash ? _hash : null, attempt);
            try
            {
                // Asked again, once: what could be picked when it looked may be lost since.
                LoadBalancerPick pick = balancer.Pick(in context);
                if (IsLost(pick, custom))
                {
                    pick = balancer.Pick(in context);
                }

                text = pick.Reason;
                if (pick.IsNone)
                {
                    return Pick.None;
                }

                if (IsInRange(pick, custom) && context.CanPick(pick.Index))
                {
                    return new Pick(pick.Index, PickReason.Custom);
                }

                fault = IsInRange(pick, custom) ? BalancerFault.Unavailable : BalancerFault.OutOfRange;
            }
            catch (Exception exception)
            {
                fault = BalancerFault.Threw;
                error = exception;
            }

            Backend.CustomBalancers.Faults.Report(custom.Name, fault, error);
        }

        text = BalancerFaults.Words(fault);
        return _snapshot.Balancers.Pick(hasHash: false, 0, this);
    }

    private bool IsLost(LoadBalancerPick pick, CustomPicks custom) =>
        !pick.IsNone && IsInRange(pick, custom) && !((ICandidates)this).CanPick(pick.Index);

    private static bool IsInRange(LoadBalancerPick pick, CustomPicks custom) => (uint)pick.Index < (uint)custom.Endpoints.Count;
}

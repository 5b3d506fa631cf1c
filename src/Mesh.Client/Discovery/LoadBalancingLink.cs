using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>Completes the states of one service by what an <see cref="ILoadBalancingSource"/> says.</summary>
internal sealed class LoadBalancingLink(ILoadBalancingWatch? watch) : IDisposable
{
    private EndpointSet? _from;
    private LoadBalancingSettings? _by;
    private EndpointSet? _completed;

    /// <summary>It never says anything.</summary>
    public bool IsNothing => watch is null;

    /// <summary>Null: there was none before, and this one is not complete yet.</summary>
    public EndpointSet? Complete(EndpointSet state)
    {
        if (watch is null)
        {
            return state;
        }

        // Settled first: what is settled is said by then.
        bool settled = watch.IsSettled;
        LoadBalancingSettings? said = watch.Settings;
        if (!settled && said is null && _completed is null)
        {
            return null;
        }

        if (_completed is null || !ReferenceEquals(_from, state) || _by != said)
        {
            (_from, _by) = (state, said);
            _completed = said is null ? state : state with { Policy = (state.Policy ?? new TrafficPolicy()) with { LoadBalancing = said } };
        }

        return _completed;
    }

    public void Dispose() => watch?.Dispose();
}

using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>
/// One service watched through a <see cref="SourceChain"/>. It has no loop of its own: its one reader looks again whenever
/// <paramref name="wake"/> is signalled.
/// </summary>
/// <param name="chain">What is asked.</param>
/// <param name="service">What for.</param>
/// <param name="demand">Signalled when a call waits for the service.</param>
/// <param name="wake">Signalled when there is something to read.</param>
/// <param name="callerNamespace">Whose calls it is for; null: this process's.</param>
internal sealed class ChainWatch(
    SourceChain chain, ServiceName service, Pulse demand, Pulse wake, string? callerNamespace = null) : IAsyncDisposable
{
    private readonly List<SourceLink> _asked = new(chain.Sources.Length);
    private LoadBalancingLink? _complement;

    /// <summary>The name of the source that was believed last; null while none was asked.</summary>
    public string? Believed => _asked.Count == 0 ? null : chain.Sources[_asked.Count - 1].Name;

    /// <summary>Whether the source that is asked says how services are called too.</summary>
    public bool AsksForPolicy => _asked.Count > 0 && chain.Sources[_asked.Count - 1].TellsPolicies;

    /// <summary>
    /// The state as it stands; null while the source that is asked has none, so that what was said before stands. Ended: no other will
    /// come. Throws what a source threw against its contract.
    /// </summary>
    public async ValueTask<(EndpointSet? State, bool Ended)> ReadAsync()
    {
        if (chain.Sources.Length == 0)
        {
            return (EndpointSet.NotFound("no source of endpoints is registered"), true);
        }

        int believed = Ask();
        await TrimAsync(believed + 1).ConfigureAwait(false);

        // Asked before the states are read: a link's last state is written before it ends.
        bool ended = _asked.TrueForAll(link => link.Ended);
        EndpointSet? state = Complete(Combine());
        return (state, ended && _complement is null or { IsNothing: true });
    }

    /// <summary>Leaves every source. A later read asks them anew.</summary>
    public ValueTask DisposeAsync()
    {
        Leave();
        return TrimAsync(0);
    }

    /// <summary>Opens as many links as it takes to reach one that does not say not found; returns its index.</summary>
    private int Ask()
    {
        for (int i = 0; ; i++)
        {
            if (i == _asked.Count)
            {
                _asked.Add(new SourceLink(chain.Sources[i], service, callerNamespace, demand, wake));
            }

            if (i == chain.Sources.Length - 1 || _asked[i].State?.Status is not EndpointSetStatus.NotFound)
            {
                return i;
            }
        }
    }

    /// <summary>The last link's state; where all say not found, what each has to say to that.</summary>
    private EndpointSet? Combine()
    {
        EndpointSet? state = _asked[^1].State;
        if (state?.Status is not EndpointSetStatus.NotFound || _asked.Count == 1)
        {
            return state;
        }

        string problem = string.Join("; ", _asked.Select(link => link.State?.Problem).Where(text => text is not null));
        return EndpointSet.NotFound(problem.Length == 0 ? null : problem);
    }

    // Asked only where a control plane is believed that says nothing of it: what is written down needs nobody, and whoever says it for all
    // services says it for its own.
    private EndpointSet? Complete(EndpointSet? state)
    {
        if (chain.Complement is not { } complement
            || state is not { Status: EndpointSetStatus.Known, Policy: null or { LoadBalancing: null } }
            || chain.Sources[_asked.Count - 1] is ConfigurationEndpointSource
            || ReferenceEquals(chain.Sources[_asked.Count - 1], complement))
        {
            if (state is not null)
            {
                Leave();
            }

            return state;
        }

        _complement ??= new LoadBalancingLink(complement.Watch(service, wake, demand));
        return _complement.Complete(state);
    }

    private void Leave()
    {
        _complement?.Dispose();
        _complement = null;
    }

    private async ValueTask TrimAsync(int count)
    {
        while (_asked.Count > count)
        {
            SourceLink link = _asked[^1];
            _asked.RemoveAt(_asked.Count - 1);
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}

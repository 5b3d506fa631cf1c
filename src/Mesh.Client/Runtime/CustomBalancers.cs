using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>
/// The application's own balancers of one service: one for each name that its policy had. They live as long as the service, since a call
/// may still pick by the policy before.
/// </summary>
internal sealed class CustomBalancers(LoadBalancerFactory factory, BalancerFaults faults) : IDisposable
{
    private readonly Dictionary<string, ILoadBalancer> _made = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private bool _disposed;

    public BalancerFaults Faults => faults;

    /// <summary>How the endpoints of a new snapshot are picked; null when a built-in algorithm does.</summary>
    /// <param name="policy">The service's policy.</param>
    /// <param name="specs">Its endpoints, sorted.</param>
    /// <param name="previous">The same of the snapshot before: what did not change stays the same object.</param>
    public CustomPicks? For(LoadBalancingPolicy policy, Endpoint[] specs, CustomPicks? previous)
    {
        if (policy.CustomName is not { } name || specs.Length == 0)
        {
            return null;
        }

        bool same = previous is not null && specs.AsSpan().SequenceEqual(previous.Specs);
        return new CustomPicks(name, Get(name), specs, same ? previous!.Endpoints : Array.AsReadOnly(Array.ConvertAll(specs, View)));
    }

    public void Dispose()
    {
        KeyValuePair<string, ILoadBalancer>[] made;
        lock (_lock)
        {
            _disposed = true;
            made = [.. _made];
            _made.Clear();
        }

        foreach ((string name, ILoadBalancer balancer) in made)
        {
            Release(name, balancer);
        }
    }

    // Only the service's one writer makes balancers; the lock is for the end of the service.
    private ILoadBalancer? Get(string name)
    {
        lock (_lock)
        {
            if (_disposed || _made.TryGetValue(name, out ILoadBalancer? known))
            {
                return _made.GetValueOrDefault(name);
            }
        }

        try
        {
            return Keep(name, factory.Create(name));
        }
        catch (Exception exception)
        {
            faults.Report(name, BalancerFault.NotMade, exception);
            return null;
        }
    }

    private ILoadBalancer? Keep(string name, ILoadBalancer balancer)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _made.Add(name, balancer);
                return balancer;
            }
        }

        Release(name, balancer);
        return null;
    }

    private void Release(string name, ILoadBalancer balancer)
    {
        try
        {
            (balancer as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            faults.NotDisposed(name, exception);
        }
    }

    private static MeshEndpoint View(Endpoint endpoint) => new()
    {
        Address = endpoint.Address.Text,
        Weight = endpoint.Weight,
        Priority = endpoint.Priority,
        Zone = endpoint.Zone,
        HashKey = endpoint.HashKey,
        Identity = endpoint.Transport.Peer?.Identity.Name,
        Labels = endpoint.Labels,
    };
}

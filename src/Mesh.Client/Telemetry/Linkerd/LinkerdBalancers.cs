using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The counts of every balancer that there was, a bounded number, and one for all others: a counter never starts anew.</summary>
internal sealed class LinkerdBalancers(int most = AttributeCap.Default)
{
    private readonly Dictionary<string, BalancerCounts> _known = [];
    private readonly BalancerCounts _beyond = new("");
    private bool _isFull;

    /// <summary>Of a service, also if it was there before.</summary>
    public BalancerCounts Of(string service)
    {
        lock (_known)
        {
            if (_known.TryGetValue(service, out BalancerCounts? counts))
            {
                return counts;
            }

            if (_known.Count < most)
            {
                return _known[service] = new BalancerCounts(service);
            }

            _isFull = true;
            return _beyond;
        }
    }

    public BalancerCounts[] All()
    {
        lock (_known)
        {
            return _isFull ? [.. _known.Values, _beyond] : [.. _known.Values];
        }
    }
}

using System.Collections.Concurrent;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Telemetry.Metering;

/// <summary>
/// Every service, route and backend that calls were metered of; a bounded number. They are known by their names, so that a service that was
/// dropped for being idle is the same when it is back.
/// </summary>
internal sealed class MeteredTraffics(int most = AttributeCap.Default)
{
    private readonly ConcurrentDictionary<(string Service, string Route, string Backend), MeteredTraffic> _known = new();
    private readonly MeteredTraffic _beyond = new("", "", "", TrafficCaps.None);
    private readonly TrafficCaps _caps = new(most);
    private readonly AttributeCap _names = new(most);

    public MeteredTraffic Of(IObservedCall call) => call is IMeteredCall { HasPlace: true } metered
        ? Volatile.Read(ref metered.Traffic) ?? Of(ref metered.Traffic, call.Service, call.Route, call.Backend)
        : Find(call.Service, call.Route, call.Backend);

    /// <param name="place">Where it is kept from here on.</param>
    public MeteredTraffic Of(ref MeteredTraffic? place, string service, string route, string backend)
    {
        MeteredTraffic? traffic = Volatile.Read(ref place);
        if (traffic is null)
        {
            traffic = Find(service, route, backend);
            Volatile.Write(ref place, traffic);
        }

        return traffic;
    }

    private MeteredTraffic Find(string service, string route, string backend)
    {
        if (_known.TryGetValue((service, route, backend), out MeteredTraffic? traffic))
        {
            return traffic;
        }

        if (_names.IsFull)
        {
            return _beyond;
        }

        lock (_names)
        {
            return _known.TryGetValue((service, route, backend), out traffic) ? traffic
                : !_names.TryTake() ? _beyond
                : _known[(service, route, backend)] = new MeteredTraffic(service, route, backend, _caps);
        }
    }
}

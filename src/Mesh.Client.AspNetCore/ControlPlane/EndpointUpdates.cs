using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Turns the whole states of one service into the updates of one stream: everything first, then differences.</summary>
internal sealed class EndpointUpdates
{
    private Dictionary<EndpointAddress, Endpoint> _sent = [];
    private bool _saidEmpty;

    /// <summary>
    /// What must be sent for the other side to reach this state. New and changed endpoints come before those that are gone, so that
    /// it never holds fewer than it should.
    /// </summary>
    /// <param name="endpoints">The whole state.</param>
    /// <param name="leftOut">Endpoints with a host name, which the wire has no place for.</param>
    public IReadOnlyList<Update> Next(ImmutableArray<Endpoint> endpoints, out IReadOnlyList<EndpointAddress> leftOut)
    {
        var next = new Dictionary<EndpointAddress, Endpoint>(endpoints.Length);
        var add = new WeightedAddrSet();
        List<EndpointAddress>? without = null;
        foreach (Endpoint endpoint in endpoints)
        {
            if (!DestinationAddresses.TryWrite(endpoint.Address, out TcpAddress? address))
            {
                (without ??= []).Add(endpoint.Address);
                continue;
            }

            next[endpoint.Address] = endpoint;
            if (!_sent.TryGetValue(endpoint.Address, out Endpoint? before) || !before.Equals(endpoint))
            {
                add.Addrs.Add(Write(endpoint, address));
            }
        }

        leftOut = without ?? (IReadOnlyList<EndpointAddress>)[];
        IReadOnlyList<Update> updates = next.Count == 0 ? Empty() : Differences(add, next);
        _saidEmpty = next.Count == 0;
        _sent = next;
        return updates;
    }

    private Update[] Empty() => _saidEmpty ? [] : [new Update { NoEndpoints = new NoEndpoints { Exists = true } }];

    private List<Update> Differences(WeightedAddrSet add, Dictionary<EndpointAddress, Endpoint> next)
    {
        var updates = new List<Update>(2);
        if (add.Addrs.Count > 0)
        {
            updates.Add(new Update { Add = add });
        }

        var remove = new AddrSet();
        foreach (EndpointAddress gone in _sent.Keys)
        {
            if (!next.ContainsKey(gone) && DestinationAddresses.TryWrite(gone, out TcpAddress? address))
            {
                remove.Addrs.Add(address);
            }
        }

        if (remove.Addrs.Count > 0)
        {
            updates.Add(new Update { Remove = remove });
        }

        return updates;
    }

    private static WeightedAddr Write(Endpoint endpoint, TcpAddress address)
    {
        var wire = new WeightedAddr { Addr = address, Weight = (uint)endpoint.Weight };
        foreach ((string name, string value) in endpoint.Labels)
        {
            wire.MetricLabels[name] = value;
        }

        if (endpoint.Zone is not null)
        {
            wire.MetricLabels[DestinationLabels.Zone] = endpoint.Zone;
        }

        if (endpoint.HashKey is not null)
        {
            wire.MetricLabels[DestinationLabels.HashKey] = endpoint.HashKey;
        }

        if (endpoint.Priority != 0)
        {
            wire.MetricLabels[DestinationLabels.Priority] = endpoint.Priority.ToString(CultureInfo.InvariantCulture);
        }

        DestinationTransport.Write(endpoint.Transport, wire);
        return wire;
    }
}

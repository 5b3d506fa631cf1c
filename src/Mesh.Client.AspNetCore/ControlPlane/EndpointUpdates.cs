using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Turns the whole states of one service into the updates of one stream: everything first, then differences.</summary>
internal sealed class EndpointUpdates
{
    private readonly Dictionary<EndpointAddress, (Endpoint Endpoint, int State)> _sent = [];
    private int _state;
    private bool _saidEmpty;

    /// <summary>
    /// What must be sent for the other side to reach this state. New and changed endpoints come before those that are gone, so that
    /// it never holds fewer than it should.
    /// </summary>
    /// <param name="endpoints">The whole state.</param>
    /// <param name="leftOut">Endpoints with a host name, which the wire has no place for.</param>
    public IReadOnlyList<Update> Next(ImmutableArray<Endpoint> endpoints, out IReadOnlyList<EndpointAddress> leftOut)
    {
        // Marked instead of copied: of thousands of endpoints a state changes few.
        _state++;
        int count = 0;
        var add = new WeightedAddrSet();
        List<EndpointAddress>? without = null;
        foreach (Endpoint endpoint in endpoints)
        {
            if (!endpoint.Address.IsIP)
            {
                (without ??= []).Add(endpoint.Address);
                continue;
            }

            ref (Endpoint Endpoint, int State) sent =
                ref CollectionsMarshal.GetValueRefOrAddDefault(_sent, endpoint.Address, out bool known);
            count += known && sent.State == _state ? 0 : 1;
            if ((!known || !sent.Endpoint.Equals(endpoint)) && DestinationAddresses.TryWrite(endpoint.Address, out TcpAddress? address))
            {
                add.Addrs.Add(Write(endpoint, address));
            }

            sent = (endpoint, _state);
        }

        leftOut = without ?? (IReadOnlyList<EndpointAddress>)[];
        AddrSet remove = Forget(_sent.Count - count);
        IReadOnlyList<Update> updates = count == 0 ? Empty() : Differences(add, remove);
        _saidEmpty = count == 0;
        return updates;
    }

    /// <summary>False for a host name, which the wire has no place for.</summary>
    public static bool TryWrite(Endpoint endpoint, [NotNullWhen(true)] out WeightedAddr? wire)
    {
        wire = DestinationAddresses.TryWrite(endpoint.Address, out TcpAddress? address) ? Write(endpoint, address) : null;
        return wire is not null;
    }

    private Update[] Empty() => _saidEmpty ? [] : [new Update { NoEndpoints = new NoEndpoints { Exists = true } }];

    private AddrSet Forget(int gone)
    {
        var remove = new AddrSet();
        if (gone > 0)
        {
            foreach ((EndpointAddress address, (_, int state)) in _sent)
            {
                // A dictionary may lose entries while it is walked.
                if (state != _state && _sent.Remove(address) && DestinationAddresses.TryWrite(address, out TcpAddress? wire))
                {
                    remove.Addrs.Add(wire);
                }
            }
        }

        return remove;
    }

    private static List<Update> Differences(WeightedAddrSet add, AddrSet remove)
    {
        var updates = new List<Update>(2);
        if (add.Addrs.Count > 0)
        {
            updates.Add(new Update { Add = add });
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

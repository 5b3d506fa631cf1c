using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Turns whole states of one service into the updates of a stream: everything first, then differences.</summary>
internal static class EndpointUpdates
{
    /// <summary>
    /// What must be sent for the other side to reach a state. New and changed endpoints come before those that are gone, so that it never
    /// holds fewer than it should.
    /// </summary>
    /// <param name="from">What it has; null: nothing was sent yet.</param>
    /// <param name="to">What it should have.</param>
    public static EndpointDifference Between(ToldEndpoints? from, ToldEndpoints to)
    {
        Dictionary<EndpointAddress, Endpoint> had = from is { } told
            ? told.Endpoints.Where(endpoint => endpoint.Address.IsIP).ToDictionary(endpoint => endpoint.Address)
            : [];
        bool hadNone = from is not null && had.Count == 0;
        var add = new WeightedAddrSet();
        LoadBalancingLabels.Write(to.LoadBalancing, add.MetricLabels);
        List<EndpointAddress>? without = null;
        int count = 0;
        foreach (Endpoint endpoint in to.Endpoints)
        {
            if (!DestinationAddresses.TryWrite(endpoint.Address, out TcpAddress? address))
            {
                (without ??= []).Add(endpoint.Address);
                continue;
            }

            count++;
            if (!had.Remove(endpoint.Address, out Endpoint? known) || !known.Equals(endpoint))
            {
                add.Addrs.Add(Write(endpoint, address));
            }
        }

        // Said with each set, and by a set of its own where no endpoint has changed.
        bool isSaid = add.Addrs.Count > 0 || from?.LoadBalancing != to.LoadBalancing;
        IReadOnlyList<Update> updates = count > 0 ? Differences(isSaid ? add : null, Without(had))
            : hadNone ? []
            : [new Update { NoEndpoints = new NoEndpoints { Exists = true } }];
        return new EndpointDifference(updates, without ?? (IReadOnlyList<EndpointAddress>)[]);
    }

    /// <summary>False for a host name, which the wire has no place for.</summary>
    public static bool TryWrite(Endpoint endpoint, [NotNullWhen(true)] out WeightedAddr? wire)
    {
        wire = DestinationAddresses.TryWrite(endpoint.Address, out TcpAddress? address) ? Write(endpoint, address) : null;
        return wire is not null;
    }

    private static AddrSet? Without(Dictionary<EndpointAddress, Endpoint> gone)
    {
        if (gone.Count == 0)
        {
            return null;
        }

        var remove = new AddrSet();
        foreach (EndpointAddress address in gone.Keys)
        {
            if (DestinationAddresses.TryWrite(address, out TcpAddress? wire))
            {
                remove.Addrs.Add(wire);
            }
        }

        return remove;
    }

    private static List<Update> Differences(WeightedAddrSet? add, AddrSet? remove)
    {
        var updates = new List<Update>(2);
        if (add is not null)
        {
            updates.Add(new Update { Add = add });
        }

        if (remove is not null)
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

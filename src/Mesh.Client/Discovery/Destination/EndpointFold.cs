using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// Folds the updates of a Destination stream into the whole state. Bad entries are skipped and reported; the rest of their message
/// holds. Not for use by several threads.
/// </summary>
internal sealed class EndpointFold(Action<BadInput> report)
{
    private Dictionary<EndpointAddress, Endpoint> _endpoints = [];
    private ImmutableArray<Endpoint>? _snapshot;
    private bool _fresh = true;

    /// <summary>The state as it stands; the same array until it changes.</summary>
    public ImmutableArray<Endpoint> Endpoints => _snapshot ??= [.. _endpoints.Values];

    /// <summary>A new stream: the state stands until its first Add replaces it.</summary>
    public void Restart() => _fresh = true;

    /// <summary>The service is empty or gone.</summary>
    public void Clear()
    {
        _fresh = false;
        _endpoints = [];
        _snapshot = null;
    }

    /// <summary>False when the update says nothing: a Remove before anything was added, or a kind that is not known here.</summary>
    public bool Apply(Protocol.Update update)
    {
        switch (update.UpdateCase)
        {
            case Protocol.Update.UpdateOneofCase.Add:
                Add(update.Add);
                return true;
            case Protocol.Update.UpdateOneofCase.Remove when _fresh:
                return false;
            case Protocol.Update.UpdateOneofCase.Remove:
                Remove(update.Remove);
                return true;
            case Protocol.Update.UpdateOneofCase.NoEndpoints:
                Clear();
                return true;
            default:
                report(new("update", "update: it is none of add, remove, no_endpoints"));
                return false;
        }
    }

    private void Add(Protocol.WeightedAddrSet set)
    {
        if (_fresh)
        {
            Clear();
        }

        FrozenDictionary<string, string> common = Endpoint.ReadLabels(set.MetricLabels);
        for (int i = 0; i < set.Addrs.Count; i++)
        {
            Protocol.WeightedAddr wire = set.Addrs[i];
            if (!DestinationAddresses.TryRead(wire.Addr, out EndpointAddress? address, out string? problem))
            {
                report(new("add.addrs[].addr", $"add.addrs[{i}].addr: {problem}"));
                continue;
            }

            _endpoints[address] = Read(address, wire, Merge(common, wire.MetricLabels), i);
            _snapshot = null;
        }
    }

    private void Remove(Protocol.AddrSet set)
    {
        for (int i = 0; i < set.Addrs.Count; i++)
        {
            if (!DestinationAddresses.TryRead(set.Addrs[i], out EndpointAddress? address, out string? problem))
            {
                report(new("remove.addrs[]", $"remove.addrs[{i}]: {problem}"));
            }
            else if (_endpoints.Remove(address))
            {
                _snapshot = null;
            }
        }
    }

    private Endpoint Read(EndpointAddress address, Protocol.WeightedAddr wire, FrozenDictionary<string, string> labels, int index)
    {
        int priority = 0;
        if (labels.TryGetValue(DestinationLabels.Priority, out string? text)
            && !int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out priority))
        {
            report(new(
                "add.addrs[].metric_labels.mesh_priority",
                $"add.addrs[{index}].metric_labels.mesh_priority: '{RpcReason.Clean(text)}' is not 0 to {int.MaxValue}"));
        }

        return new Endpoint(address)
        {
            Weight = (int)Math.Clamp(wire.Weight, 1, int.MaxValue),
            Priority = priority,
            Zone = Text(labels, DestinationLabels.Zone),
            HashKey = Text(labels, DestinationLabels.HashKey),
            Transport = DestinationTransport.Read(wire, Text(labels, DestinationLabels.Framing), index, report),
            Labels = labels,
        };
    }

    private static FrozenDictionary<string, string> Merge(FrozenDictionary<string, string> common, MapField<string, string> own)
    {
        if (own.Count == 0)
        {
            return common;
        }

        var labels = new Dictionary<string, string>(common, StringComparer.Ordinal);
        foreach ((string name, string value) in own)
        {
            labels[name] = value;
        }

        return labels.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string? Text(FrozenDictionary<string, string> labels, string name) =>
        labels.TryGetValue(name, out string? text) && text.Length > 0 ? text : null;
}

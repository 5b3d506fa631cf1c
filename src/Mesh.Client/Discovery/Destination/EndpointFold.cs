using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// Folds the updates of a Destination stream into the whole state. Bad entries are skipped and reported; the rest of their message
/// holds. Not for use by several threads.
/// </summary>
/// <param name="report">Told of each bad entry.</param>
/// <param name="policies">What a balancing policy may be named; null: the built-in ones.</param>
internal sealed class EndpointFold(Action<BadInput> report, PolicyNames? policies = null)
{
    private bool _fresh = true;

    /// <summary>The state as it stands; the same array until it changes.</summary>
    public ImmutableArray<Endpoint> Endpoints { get; private set; } = [];

    /// <summary>What is said of how the service is called; null: nothing. The same object until it changes. The last good stands.</summary>
    public TrafficPolicy? Policy { get; private set; }

    /// <summary>The state as it stands, as a set.</summary>
    public EndpointSet State(string? problem = null) => EndpointSet.Known(Endpoints, problem) with { Policy = Policy };

    /// <summary>A new stream: the state stands until its first Add replaces it.</summary>
    public void Restart() => _fresh = true;

    /// <summary>The service is empty or gone.</summary>
    public void Clear()
    {
        _fresh = false;
        Endpoints = [];
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

        TakePolicy(set.MetricLabels);
        var told = new Dictionary<EndpointAddress, Endpoint>(set.Addrs.Count);
        FrozenDictionary<string, string> common =
            Endpoint.ReadLabels([.. set.MetricLabels.Where(static label => !LoadBalancingLabels.IsOne(label.Key))]);
        for (int i = 0; i < set.Addrs.Count; i++)
        {
            Protocol.WeightedAddr wire = set.Addrs[i];
            if (!DestinationAddresses.TryRead(wire.Addr, out EndpointAddress? address, out string? problem))
            {
                report(new("add.addrs[].addr", $"add.addrs[{i}].addr: {problem}"));
                continue;
            }

            told[address] = Read(address, wire, Merge(common, wire.MetricLabels), i);
        }

        if (told.Count > 0)
        {
            Take(told);
        }
    }

    // Each set says all of it.
    private void TakePolicy(MapField<string, string> labels)
    {
        if (LoadBalancingLabels.TryRead(labels, policies ?? PolicyNames.None, report, out LoadBalancingSettings? said)
            && said != Policy?.LoadBalancing)
        {
            Policy = said is null ? null : new TrafficPolicy { LoadBalancing = said };
        }
    }

    // By address only while a message is taken in: what is kept for each service is the list alone.
    private void Take(Dictionary<EndpointAddress, Endpoint> told)
    {
        ImmutableArray<Endpoint>.Builder next = ImmutableArray.CreateBuilder<Endpoint>(Endpoints.Length + told.Count);
        foreach (Endpoint endpoint in Endpoints)
        {
            next.Add(told.Remove(endpoint.Address, out Endpoint? changed) ? changed : endpoint);
        }

        next.AddRange(told.Values);
        Endpoints = next.DrainToImmutable();
    }

    private void Remove(Protocol.AddrSet set)
    {
        var gone = new HashSet<EndpointAddress>(set.Addrs.Count);
        for (int i = 0; i < set.Addrs.Count; i++)
        {
            if (!DestinationAddresses.TryRead(set.Addrs[i], out EndpointAddress? address, out string? problem))
            {
                report(new("remove.addrs[]", $"remove.addrs[{i}]: {problem}"));
            }
            else
            {
                gone.Add(address);
            }
        }

        Endpoints = Endpoints.RemoveAll(endpoint => gone.Contains(endpoint.Address));
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

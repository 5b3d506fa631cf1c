using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the endpoints of one service. All are looked at for their order; only those that are asked for are told.</summary>
internal static class EndpointStatusReader
{
    private const string Available = "available";
    private const int MaxLabels = 32;

    public static EndpointStatus[] Read(ServiceRuntime service, ServiceSnapshot snapshot, int offset, int limit)
    {
        EndpointRuntime[] endpoints = snapshot.Endpoints;
        HashShares? shares = snapshot.Balancers.Shares;
        string[] states = Array.ConvertAll(endpoints, endpoint => endpoint.State);
        long[] attempts = Array.ConvertAll(endpoints, endpoint => endpoint.Traffic?.Attempts ?? 0);
        long total = attempts.Sum();
        int[] order = [.. Enumerable.Range(0, endpoints.Length)];
        Array.Sort(order, (a, b) => Compare(a, b, states, shares, attempts));
        int[] told = [.. order.Skip(offset).Take(limit)];
        Dictionary<EndpointAddress, Endpoint> specs = Specs(snapshot.Set, endpoints, told);
        return Array.ConvertAll(told, i =>
        {
            EndpointRuntime endpoint = endpoints[i];
            EndpointTraffic? traffic = endpoint.Traffic;
            Endpoint spec = specs.GetValueOrDefault(endpoint.Address) ?? new Endpoint(endpoint.Address);
            return new EndpointStatus
            {
                Address = endpoint.Address.Text,
                State = states[i],
                Why = states[i] == Available ? null : Redacted.Text(endpoint.DescribeState()),
                HashKey = snapshot.Balancers.Keys[i].Key,
                TableShare = shares is null ? null : Math.Round(shares.Of(i), 6),
                AttemptShare = total == 0 ? null : Math.Round(attempts[i] / (double)total, 6),
                Attempts = attempts[i],
                Failures = traffic?.Failures ?? 0,
                Picks = PickCounts.Of(traffic),
                InFlight = endpoint.Load.Pending,
                LatencyMilliseconds = Math.Round(endpoint.Load.Latency(service.Now).TotalMilliseconds, 2),
                Connections = endpoint.Connections,
                Identity = endpoint.Transport.Peer?.Identity.Name,
                Framing = endpoint.Transport.Framing.ToString(),
                Zone = spec.Zone,
                Weight = spec.Weight,
                Priority = spec.Priority,
                Labels = spec.Labels.Count <= MaxLabels ? spec.Labels : spec.Labels.Take(MaxLabels).ToDictionary(),
            };
        });
    }

    // At last the order of the hash keys decides, so that a page stays as it is while it is looked at.
    private static int Compare(int a, int b, string[] states, HashShares? shares, long[] attempts)
    {
        int order = Rank(states[a]).CompareTo(Rank(states[b]));
        order = order != 0 || shares is null ? order : shares.Of(b).CompareTo(shares.Of(a));
        order = order != 0 || shares is not null ? order : attempts[b].CompareTo(attempts[a]);
        return order != 0 ? order : a.CompareTo(b);
    }

    private static int Rank(string state) => state switch
    {
        "disconnected" => 0,
        "ejected" => 1,
        "probation" => 2,
        "not_secured" => 3,
        _ => 4,
    };

    private static Dictionary<EndpointAddress, Endpoint> Specs(EndpointSet set, EndpointRuntime[] endpoints, int[] told)
    {
        HashSet<EndpointAddress> wanted = [.. told.Select(i => endpoints[i].Address)];
        return set.Endpoints.Where(spec => wanted.Contains(spec.Address)).ToDictionary(spec => spec.Address);
    }
}

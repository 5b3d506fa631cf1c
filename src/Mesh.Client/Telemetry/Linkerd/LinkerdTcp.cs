using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Connections to endpoints, and what goes over them, under Linkerd's names.</summary>
internal sealed class LinkerdTcp
{
    private static readonly KeyValuePair<string, object?>[][] Sent = Costs("Send");
    private static readonly KeyValuePair<string, object?>[][] Received = Costs("Recv");

    private readonly ConcurrentDictionary<LinkerdRequestTags, bool> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Counter<long> _opened;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _read;
    private readonly Counter<long> _written;
    private readonly Counter<long> _cost;

    public LinkerdTcp(Meter meter)
    {
        _opened = meter.CreateCounter<long>("tcp_open_total", null, "Connections that were made.");
        _closed = meter.CreateCounter<long>("tcp_close_total", null, "Connections that have ended.");
        _read = meter.CreateCounter<long>("tcp_read_bytes_total", null, "Bytes that came.");
        _written = meter.CreateCounter<long>("tcp_write_bytes_total", null, "Bytes that went out.");
        _cost = meter.CreateCounter<long>("outbound_tcp_transfer_cost_total", null, "Bytes in and out, by whether they stay in the zone.");

        // Counted here: who listens late would hear only of those that end.
        meter.CreateObservableUpDownCounter("tcp_open_connections", Open, null, "Connections that there are.");
    }

    public void Opened(LinkerdRequestTags tags)
    {
        _known.TryAdd(tags, true);
        tags.CountOpen(1);
        _opened.Add(1, tags.Connection.Find(0));
    }

    public void Closed(LinkerdRequestTags tags)
    {
        tags.CountOpen(-1);
        _closed.Add(1, tags.Connection.Find(0));
    }

    public void Read(LinkerdRequestTags tags, ZoneLocality zone, int bytes)
    {
        if (_read.Enabled)
        {
            _read.Add(bytes, tags.Connection.Find(0));
        }

        _cost.Add(bytes, Received[(int)zone]);
    }

    public void Wrote(LinkerdRequestTags tags, ZoneLocality zone, int bytes)
    {
        if (_written.Enabled)
        {
            _written.Add(bytes, tags.Connection.Find(0));
        }

        _cost.Add(bytes, Sent[(int)zone]);
    }

    // What was counted once is told from then on, as 0 where there is none.
    private List<Measurement<int>> Open()
    {
        List<Measurement<int>> told = [];
        int? beyond = null;
        foreach (LinkerdRequestTags tags in _known.Keys)
        {
            ReadOnlySpan<KeyValuePair<string, object?>> labels = tags.Connection.Find(0);
            if (labels == AttributeCap.Overflow)
            {
                beyond = (beyond ?? 0) + tags.Open;
            }
            else
            {
                told.Add(new Measurement<int>(tags.Open, labels));
            }
        }

        if (beyond is { } rest)
        {
            told.Add(new Measurement<int>(rest, AttributeCap.Overflow));
        }

        return told;
    }

    private static KeyValuePair<string, object?>[][] Costs(string op) => Array.ConvertAll(
        Enum.GetValues<ZoneLocality>(),
        zone => new KeyValuePair<string, object?>[] { new("op", op), new("zone_locality", zone.ToString()) });
}

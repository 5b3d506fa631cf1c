using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Connections to endpoints, and what goes over them, under Linkerd's names.</summary>
internal sealed class LinkerdTcp(Meter meter)
{
    private static readonly KeyValuePair<string, object?>[][] Sent = Costs("Send");
    private static readonly KeyValuePair<string, object?>[][] Received = Costs("Recv");

    private readonly Counter<long> _opened = meter.CreateCounter<long>("tcp_open_total", null, "Connections that were made.");
    private readonly UpDownCounter<long> _open =
        meter.CreateUpDownCounter<long>("tcp_open_connections", null, "Connections that there are.");

    private readonly Counter<long> _closed = meter.CreateCounter<long>("tcp_close_total", null, "Connections that have ended.");
    private readonly Counter<long> _read = meter.CreateCounter<long>("tcp_read_bytes_total", null, "Bytes that came.");
    private readonly Counter<long> _written = meter.CreateCounter<long>("tcp_write_bytes_total", null, "Bytes that went out.");
    private readonly Counter<long> _cost = meter.CreateCounter<long>(
        "outbound_tcp_transfer_cost_total", null, "Bytes in and out, by whether they stay in the zone.");

    public void Opened(LinkerdRequestTags tags)
    {
        _opened.Add(1, tags.Connection.Find(0));
        _open.Add(1, tags.Connection.Find(0));
    }

    public void Closed(LinkerdRequestTags tags)
    {
        _open.Add(-1, tags.Connection.Find(0));
        _closed.Add(1, tags.Connection.Find(0));
    }

    public void Read(LinkerdRequestTags tags, ZoneLocality zone, int bytes)
    {
        _read.Add(bytes, tags.Connection.Find(0));
        _cost.Add(bytes, Received[(int)zone]);
    }

    public void Wrote(LinkerdRequestTags tags, ZoneLocality zone, int bytes)
    {
        _written.Add(bytes, tags.Connection.Find(0));
        _cost.Add(bytes, Sent[(int)zone]);
    }

    private static KeyValuePair<string, object?>[][] Costs(string op) => Array.ConvertAll(
        Enum.GetValues<ZoneLocality>(),
        zone => new KeyValuePair<string, object?>[] { new("op", op), new("zone_locality", zone.ToString()) });
}

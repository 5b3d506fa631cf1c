using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// The meter <c>Mesh.Client.AspNetCore</c>. What Kestrel emits (connections, durations of handshakes) is not emitted again. The meter
/// belongs to its factory, which disposes it.
/// </summary>
internal sealed class ServerMetrics
{
    public const string MeterName = MeshMetrics.ServerMeterName;

    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _refused;

    public ServerMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeterName);
        _handshakes = Meter.CreateCounter<long>("mesh.server.handshakes", "{handshake}", "TLS handshakes by outcome.");
        _refused = Meter.CreateCounter<long>(
            "mesh.server.refused_connections", "{connection}", "Connections closed for their framing, by what it was.");
    }

    public Meter Meter { get; }

    /// <param name="outcome">Of <see cref="HandshakeOutcome"/>.</param>
    public void Handshake(string outcome) => _handshakes.Add(1, new KeyValuePair<string, object?>("mesh.outcome", outcome));

    /// <summary>Plaintext where only TLS is served, or TLS where there is none.</summary>
    public void Refused(bool isTls) =>
        _refused.Add(1, new KeyValuePair<string, object?>("mesh.framing", isTls ? "tls" : "plaintext"));
}

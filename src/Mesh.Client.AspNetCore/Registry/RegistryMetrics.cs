using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>What registrations come to, on both sides, on the meter <c>Mesh.Client.AspNetCore</c>, which belongs to its factory.</summary>
internal sealed class RegistryMetrics
{
    public const string Registered = "registered";
    public const string Left = "left";
    public const string Lost = "lost";
    public const string Vanished = "vanished";
    public const string Replaced = "replaced";
    public const string Refused = "refused";

    private readonly Counter<long> _held;
    private readonly Counter<long> _own;

    public RegistryMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeshMetrics.ServerMeterName);
        _held = Meter.CreateCounter<long>(
            "mesh.registry.registrations", "{registration}", "Registrations that the registry took, refused or let go, by outcome.");
        _own = Meter.CreateCounter<long>(
            "mesh.server.registrations", "{registration}", "Changes of this server's own registration, by outcome.");
    }

    public Meter Meter { get; }

    /// <summary>At the control plane.</summary>
    public void Held(string outcome) => _held.Add(1, Tag(outcome));

    /// <summary>At the server that registers.</summary>
    public void Own(string outcome) => _own.Add(1, Tag(outcome));

    private static KeyValuePair<string, object?> Tag(string outcome) => new("mesh.outcome", outcome);
}

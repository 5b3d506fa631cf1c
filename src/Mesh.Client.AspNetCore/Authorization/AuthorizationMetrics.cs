using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// The meter <c>Mesh.Client.AspNetCore</c>: who called, and what was refused. A verified identity is the only thing of a peer's.
/// </summary>
internal sealed class AuthorizationMetrics
{
    public const string MeterName = MeshMetrics.ServerMeterName;
    public const string RefusedName = "mesh.server.requests.refused";
    public const string RequestsName = "mesh.server.requests";

    private readonly Counter<long> _refused;
    private readonly CappedCounter _requests;

    public AuthorizationMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(MeterName);
        _refused = meter.CreateCounter<long>(
            RefusedName, "{request}", "Requests refused for who sent them, and those that the policy audit would have refused.");
        _requests = new CappedCounter(
            meter,
            RequestsName,
            "{request}",
            "Requests by the verified identity of who sent them, and by verdict.",
            ["mesh.peer.identity", "mesh.verdict", "mesh.policy"],
            AttributeCap.Peers);
    }

    /// <summary>Whether anybody wants to know who called.</summary>
    public bool CountsRequests => _requests.IsEnabled;

    /// <param name="identity">Null: none that was verified.</param>
    /// <param name="verdict">Null: it was allowed.</param>
    public void Request(string? identity, InboundVerdict? verdict) => _requests.Add(
        identity ?? "none", verdict is null ? "allowed" : verdict.Audited ? "audited" : "refused", verdict?.Policy ?? "none");

    /// <param name="policy">The default policy's name, or what stands for the endpoint's own rule.</param>
    /// <param name="hasIdentity">The peer has a verified identity.</param>
    /// <param name="audited">It passed all the same.</param>
    public void Refused(string policy, bool hasIdentity, bool audited) => _refused.Add(
        1,
        new("mesh.policy", policy),
        new("mesh.verdict", audited ? "audited" : "refused"),
        new("mesh.peer", hasIdentity ? "authenticated" : "unauthenticated"));
}

using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>The meter <c>Mesh.Client.AspNetCore</c>: what was refused. No attribute depends on what a peer sends.</summary>
internal sealed class AuthorizationMetrics
{
    public const string MeterName = MeshMetrics.ServerMeterName;
    public const string RefusedName = "mesh.server.requests.refused";

    private readonly Counter<long> _refused;

    public AuthorizationMetrics(IMeterFactory factory) => _refused = factory.Create(MeterName).CreateCounter<long>(
        RefusedName, "{request}", "Requests refused for who sent them, and those that the policy audit would have refused.");

    /// <param name="policy">The default policy's name, or what stands for the endpoint's own rule.</param>
    /// <param name="hasIdentity">The peer has a verified identity.</param>
    /// <param name="audited">It passed all the same.</param>
    public void Refused(string policy, bool hasIdentity, bool audited) => _refused.Add(
        1,
        new("mesh.policy", policy),
        new("mesh.verdict", audited ? "audited" : "refused"),
        new("mesh.peer", hasIdentity ? "authenticated" : "unauthenticated"));
}

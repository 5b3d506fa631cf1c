using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>The <c>authority</c> of a policy request: <c>name.namespace.svc.cluster-domain[:port]</c>.</summary>
internal static class PolicyTarget
{
    private const int LabelsBeforeSvc = 2;

    /// <param name="authority">The port may be missing: 80. Case and a trailing dot do not matter.</param>
    /// <param name="clusterDomain">The mesh's.</param>
    /// <param name="service">The service it names.</param>
    public static bool TryParse(string authority, string clusterDomain, [NotNullWhen(true)] out ServiceName? service) =>
        DestinationPath.TryParse(authority, out service, out _)
        && service.Host.Split('.') is { Length: > LabelsBeforeSvc } labels
        && DnsNames.Problem(service.Host) is null
        && string.Equals(string.Join('.', labels[LabelsBeforeSvc..]), $"svc.{clusterDomain}", StringComparison.OrdinalIgnoreCase);
}

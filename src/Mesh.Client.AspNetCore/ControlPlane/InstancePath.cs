using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// One instance by its own name, as the pods of a headless Service have it: <c>instance.name.namespace.svc.cluster-domain</c>.
/// </summary>
internal static class InstancePath
{
    private const string PodLabel = "pod";
    private const int LabelsBeforeSvc = 3;

    /// <param name="asked">What a path names.</param>
    /// <param name="names">A service that has its endpoints there stays one, whatever it looks like.</param>
    /// <param name="service">The instance's service.</param>
    /// <param name="instance">Its name.</param>
    public static bool TryParse(
        ServiceName asked, ServiceNames names, [NotNullWhen(true)] out ServiceName? service, [NotNullWhen(true)] out string? instance)
    {
        (service, instance) = (null, null);
        string[] labels = asked.Host.Split('.');

        // _grpc.catalog is an endpoint by its kind, and a service of its own.
        if (labels.Length > LabelsBeforeSvc && labels[0] is [not '_', ..] && !names.HasEndpoints(asked.Host)
            && string.Equals(
                string.Join('.', labels[LabelsBeforeSvc..]), $"svc.{names.Options.ClusterDomain}", StringComparison.OrdinalIgnoreCase))
        {
            instance = labels[0];
            service = new ServiceName(asked.Host[(instance.Length + 1)..], asked.Port);
        }

        return service is not null;
    }

    /// <summary>Whether an endpoint is this instance: by its hash key, which instances register by, or by its label for a pod.</summary>
    public static bool IsOf(Endpoint endpoint, string instance) =>
        string.Equals(endpoint.HashKey, instance, StringComparison.OrdinalIgnoreCase)
        || (endpoint.Labels.TryGetValue(PodLabel, out string? pod) && string.Equals(pod, instance, StringComparison.OrdinalIgnoreCase));
}

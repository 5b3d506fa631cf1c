using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Which addresses of a dual-stack Service are called: its endpoints have slices of both families, each pod one in both.</summary>
internal static class IPFamilies
{
    private static readonly string[] Usual = [nameof(MeshIPFamily.IPv4), nameof(MeshIPFamily.IPv6), "FQDN"];

    /// <summary>
    /// Those of the first family that has a ready endpoint; else of the first that has one which still serves; else none.
    /// </summary>
    public static List<SliceEndpoint> Choose(List<SliceEndpoint> endpoints, V1Service service, MeshIPFamily? preferred)
    {
        string[] order = [.. new[] { preferred?.ToString() }.OfType<string>(), .. service.Spec?.IpFamilies ?? [], .. Usual];
        for (Readiness least = Readiness.Ready; least > Readiness.None; least--)
        {
            foreach (string family in order)
            {
                if (endpoints.Exists(endpoint => endpoint.AddressType == family && endpoint.Readiness >= least))
                {
                    return endpoints.FindAll(endpoint => endpoint.AddressType == family);
                }
            }
        }

        return [];
    }
}

using System.Diagnostics.CodeAnalysis;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Whose an address is: what is written down in configuration, and who has registered.</summary>
internal sealed class EndpointOwners(MeshConfiguration configuration, ServiceRegistry registry)
{
    /// <summary>Completes when the answer may be another.</summary>
    public Task Changed => Task.WhenAny(configuration.Changed, registry.AnyChanged);

    public bool TryFind(EndpointAddress address, [NotNullWhen(true)] out ServiceName? service, [NotNullWhen(true)] out Endpoint? endpoint)
    {
        ServiceNames names = configuration.Names;
        foreach (ServiceName candidate in names.Configured())
        {
            if (Find(names.EndpointsOf(candidate), address) is { } written)
            {
                (service, endpoint) = (candidate, written);
                return true;
            }
        }

        foreach ((string host, EndpointSet state) in registry.All())
        {
            if (Find(state, address) is { } registered)
            {
                (service, endpoint) = (new ServiceName(host, address.Port), registered);
                return true;
            }
        }

        (service, endpoint) = (null, null);
        return false;
    }

    private static Endpoint? Find(EndpointSet? set, EndpointAddress address)
    {
        foreach (Endpoint endpoint in set?.Endpoints ?? [])
        {
            if (endpoint.Address == address)
            {
                return endpoint;
            }
        }

        return null;
    }
}

using System.Runtime.CompilerServices;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Endpoints that are written down in configuration. A service without any there is not found.</summary>
internal sealed class ConfigurationEndpointSource(MeshConfiguration configuration) : IEndpointSource
{
    public string Name => "configuration";

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EndpointSet? last = null;
        while (true)
        {
            Task changed = configuration.Changed;
            EndpointSet now = configuration.Names.EndpointsOf(service) ?? EndpointSet.NotFound();
            if (now != last)
            {
                last = now;
                yield return now;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>What the providers of one query add, one after the other; each sees what those before it added.</summary>
internal sealed class Population(List<IChangeToken> tokens) : IServiceEndpointBuilder
{
    private readonly List<ServiceEndpoint> _endpoints = [];

    public IList<ServiceEndpoint> Endpoints => _endpoints;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public void AddChangeToken(IChangeToken changeToken)
    {
        ArgumentNullException.ThrowIfNull(changeToken);
        tokens.Add(changeToken);
    }
}

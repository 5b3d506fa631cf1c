using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Makes the handler that owns one endpoint's connections.</summary>
internal interface IEndpointHandlerFactory
{
    /// <param name="address">Where the endpoint listens.</param>
    /// <param name="connections">Told of each connection that is made or fails.</param>
    HttpMessageHandler Create(EndpointAddress address, IConnectionObserver connections);

    /// <summary>Makes one connection and closes it: whether the endpoint can be reached again.</summary>
    ValueTask ProbeAsync(EndpointAddress address, CancellationToken cancellationToken);
}

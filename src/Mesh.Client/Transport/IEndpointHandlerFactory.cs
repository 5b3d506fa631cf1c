using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Makes the handler that owns connections to one endpoint.</summary>
internal interface IEndpointHandlerFactory
{
    /// <param name="target">What to connect to.</param>
    /// <param name="connections">Asked before each connection, and told of each that is made or fails.</param>
    HttpMessageHandler Create(EndpointTarget target, IConnectionObserver connections);

    /// <summary>Makes a connection ahead of the first request that needs one, and tells the observer how that went.</summary>
    /// <returns>The connection; null where one can be made only for a request that is known, or where it could not be made.</returns>
    ValueTask<Stream?> WarmAsync(EndpointTarget target, IConnectionObserver connections, CancellationToken cancellationToken);

    /// <summary>Makes one connection and closes it: whether the endpoint can be reached again.</summary>
    ValueTask ProbeAsync(EndpointTarget target, CancellationToken cancellationToken);
}

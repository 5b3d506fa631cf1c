using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>A provider, or its factory, failed on a query.</summary>
internal sealed class ProviderException(object provider, ServiceEndpointQuery query, Exception cause)
    : Exception($"{ForeignText.Of(provider)} for {query}: {ForeignText.OfCause(cause)}", cause);

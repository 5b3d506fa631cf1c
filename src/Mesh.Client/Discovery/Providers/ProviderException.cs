using Mesh.Client.Discovery.Destination;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>A provider, or its factory, failed on a query.</summary>
internal sealed class ProviderException(object provider, ServiceEndpointQuery query, Exception cause)
    : Exception(
        $"{RpcReason.Clean(provider.ToString() ?? "")} for {query}: {RpcReason.Clean(cause.GetBaseException().Message).TrimEnd('.')}",
        cause);

using Mesh.Client.Grpc;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Copies a request for a mirror, without its content. The host stays as it is (Gateway API; Envoy would mark it). Of what the caller
/// tells the mesh only the hash key goes along.
/// </summary>
internal static class MirrorRequest
{
    /// <summary>To be called before the request is changed for sending: a gRPC call's hash key is taken off then.</summary>
    public static HttpRequestMessage Clone(HttpRequestMessage request)
    {
        var clone = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
        };
        new HeaderCopy(request.Headers).AddTo(clone.Headers);
        clone.Headers.Remove(CallMetadata.Info);
        if (MeshHttpMessageExtensions.HashKeyOf(request) is { } key)
        {
            clone.SetMeshHashKey(key);
        }

        return clone;
    }
}

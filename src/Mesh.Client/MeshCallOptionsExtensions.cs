using System.Text;
using Mesh.Client;
using Mesh.Client.Grpc;

namespace Grpc.Core;

/// <summary>What a caller tells the mesh with a gRPC call, and asks of its response headers.</summary>
public static class MeshCallOptionsExtensions
{
    /// <summary>
    /// Sends this call to the endpoint that <paramref name="key"/> belongs to (see <c>SetMeshHashKey</c>). Travels as the metadata
    /// entry <c>mesh-hash-key</c> inside this process and is taken off before sending.
    /// </summary>
    public static CallOptions WithMeshHashKey(this CallOptions options, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Ascii.IsValid(key)
            ? With(options, new Metadata.Entry(CallMetadata.HashKey, key), CallMetadata.BinaryHashKey)
            : With(options, new Metadata.Entry(CallMetadata.BinaryHashKey, Encoding.UTF8.GetBytes(key)), CallMetadata.HashKey);
    }

    /// <summary>Asks for what the mesh did: read it from the response headers with <see cref="GetMeshCallInfo"/>.</summary>
    public static CallOptions WithMeshCallInfo(this CallOptions options) =>
        With(options, new Metadata.Entry(CallMetadata.Info, CallMetadata.Wanted));

    /// <summary>What the mesh did for a call made <see cref="WithMeshCallInfo"/>; null for others.</summary>
    /// <param name="responseHeaders">The call's response headers.</param>
    public static MeshCallInfo? GetMeshCallInfo(this Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        return responseHeaders.GetValue(CallMetadata.Info) is { } text ? CallMetadata.Read(text) : null;
    }

    // The caller's own metadata object is left as it is.
    private static CallOptions With(CallOptions options, Metadata.Entry added, string? replaced = null)
    {
        var headers = new Metadata();
        foreach (Metadata.Entry entry in options.Headers ?? [])
        {
            if (entry.Key != added.Key && entry.Key != replaced)
            {
                headers.Add(entry);
            }
        }

        headers.Add(added);
        return options.WithHeaders(headers);
    }
}

using Mesh.Client.Runtime;

namespace System.Net.Http;

/// <summary>What a caller tells the mesh with a request, and asks of a response.</summary>
public static class MeshHttpMessageExtensions
{
    private static readonly HttpRequestOptionsKey<string> HashKey = new("Mesh.Client.HashKey");

    // Looking into a request's options makes them, 104 bytes: not for processes where no request ever has a key.
    private static bool _keysInUse;

    /// <summary>
    /// Sends this request to the endpoint that <paramref name="key"/> belongs to, instead of what the service's <c>HashOn</c> says:
    /// XXH64 of the UTF-8 bytes, seed 0. On a service whose policy is not a hash it selects Maglev for this call.
    /// </summary>
    public static void SetMeshHashKey(this HttpRequestMessage request, string key)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        Volatile.Write(ref _keysInUse, true);
        request.Options.Set(HashKey, key);
    }

    /// <summary>
    /// What the mesh did for this call; null for a response that did not come through the mesh, or whose protocol was upgraded.
    /// </summary>
    public static Mesh.Client.MeshCallInfo? GetMeshCallInfo(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return (response.Content as ObservedContent)?.Call.ToInfo();
    }

    internal static string? HashKeyOf(HttpRequestMessage request) =>
        Volatile.Read(ref _keysInUse) && request.Options.TryGetValue(HashKey, out string? key) ? key : null;
}

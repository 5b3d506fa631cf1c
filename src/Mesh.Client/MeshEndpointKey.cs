using Mesh.Client.Model;

namespace Mesh.Client;

/// <summary>What an endpoint hashes by. In configuration: <c>"Address"</c>, <c>"HashKey"</c> or <c>{ "Label": "pod" }</c>.</summary>
public sealed class MeshEndpointKey
{
    private MeshEndpointKey(EndpointKey key) => Key = key;

    /// <summary>By its address: <c>ip:port</c>. The default.</summary>
    public static MeshEndpointKey Address { get; } = new(EndpointKey.Address);

    /// <summary>By its <see cref="MeshEndpointOptions.HashKey"/>; by its address where it has none.</summary>
    public static MeshEndpointKey HashKey { get; } = new(EndpointKey.HashKey);

    internal EndpointKey Key { get; }

    /// <summary>By one of its labels; by its address where it has no such label.</summary>
    /// <param name="label">The label's name.</param>
    /// <exception cref="ArgumentException"><paramref name="label"/> is null or empty.</exception>
    public static MeshEndpointKey FromLabel(string label)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        return new MeshEndpointKey(new EndpointKey(EndpointKeyKind.Label, label));
    }
}

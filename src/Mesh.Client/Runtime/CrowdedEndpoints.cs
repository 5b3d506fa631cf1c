namespace Mesh.Client.Runtime;

/// <summary>Endpoints that had as many connections as they may when an attempt needed one more.</summary>
internal sealed class CrowdedEndpoints
{
    /// <summary>Gone around until there is another attempt to make.</summary>
    public HashSet<EndpointRuntime> Endpoints { get; } = [];

    /// <summary>The latest one's service.</summary>
    public string Backend { get; private set; } = string.Empty;

    /// <summary>How many connections that allows.</summary>
    public int Limit { get; private set; }

    public void Add(EndpointRuntime endpoint, string backend, int limit)
    {
        Endpoints.Add(endpoint);
        Backend = backend;
        Limit = limit;
    }
}

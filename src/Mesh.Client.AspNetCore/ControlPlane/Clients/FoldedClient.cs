using Mesh.Client.AspNetCore.ControlPlane.Limits;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>One process, with all of its streams.</summary>
internal sealed class FoldedClient(ClientKey key)
{
    private readonly int[] _kinds = new int[Enum.GetValues<AskedFor>().Length];

    public ClientKey Key { get; } = key;

    public string? Node { get; private set; }

    public DateTimeOffset Since { get; private set; } = DateTimeOffset.MaxValue;

    public int Streams { get; private set; }

    /// <summary>What its streams are for, by name; whether it asks for that.</summary>
    public SortedDictionary<string, bool> Services { get; } = new(StringComparer.Ordinal);

    public int Count(AskedFor kind) => _kinds[(int)kind];

    public void Add(ClientStream stream)
    {
        Node ??= stream.Client.Node;
        Since = stream.Client.Since < Since ? stream.Client.Since : Since;
        Streams++;
        _kinds[(int)stream.Kind]++;
        if (stream.Service is { } service)
        {
            Services[service] = Services.GetValueOrDefault(service) || stream.Watched is not null;
        }
    }
}

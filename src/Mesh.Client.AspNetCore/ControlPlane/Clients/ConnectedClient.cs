using Mesh.Client.AspNetCore.ControlPlane.Limits;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>A client that has streams open. Its owner locks.</summary>
internal sealed class ConnectedClient(ClientKey key, DateTimeOffset since)
{
    private readonly int[] _kinds = new int[Enum.GetValues<AskedFor>().Length];

    public ClientKey Key { get; } = key;

    public DateTimeOffset Since { get; } = since;

    /// <summary>Where it runs, by the first stream that says so: those of policies do not.</summary>
    public string? Node { get; set; }

    public int Streams { get; private set; }

    /// <summary>Streams by what they are for.</summary>
    public Dictionary<string, int> Services { get; } = new(StringComparer.Ordinal);

    public int Count(AskedFor kind) => _kinds[(int)kind];

    /// <param name="change">1 or -1.</param>
    /// <returns>Whether the service is new to it, or it has left the service.</returns>
    public bool Add(ClientStream stream, int change)
    {
        Streams += change;
        _kinds[(int)stream.Kind] += change;
        if (stream.Service is not { } service)
        {
            return false;
        }

        int count = Services.GetValueOrDefault(service) + change;
        if (count == 0)
        {
            Services.Remove(service);
        }
        else
        {
            Services[service] = count;
        }

        return change > 0 ? count == 1 : count == 0;
    }
}

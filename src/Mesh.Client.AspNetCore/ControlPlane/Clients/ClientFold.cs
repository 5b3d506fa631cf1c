namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>
/// Puts streams together by the processes that they are for. A server's registration says nothing of its pod: where one client alone of
/// that identity and address does, it is the same process.
/// </summary>
internal static class ClientFold
{
    public static IReadOnlyCollection<FoldedClient> Fold(ClientStream[] streams)
    {
        Dictionary<(string?, string), ClientKey?> sole = SoleWorkloads(streams);
        var clients = new Dictionary<ClientKey, FoldedClient>();
        foreach (ClientStream stream in streams)
        {
            ClientKey key = stream.Client.Key;
            if (key.Workload == ClientWorkload.None && sole.GetValueOrDefault((key.Identity, key.Address)) is { } named)
            {
                key = named;
            }

            if (!clients.TryGetValue(key, out FoldedClient? client))
            {
                clients[key] = client = new FoldedClient(key);
            }

            client.Add(stream);
        }

        return clients.Values;
    }

    /// <summary>How many clients ask for each service.</summary>
    public static Dictionary<string, int> CountWatchers(IReadOnlyCollection<FoldedClient> clients)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (FoldedClient client in clients)
        {
            foreach ((string service, bool isWatched) in client.Services)
            {
                counts[service] = counts.GetValueOrDefault(service) + (isWatched ? 1 : 0);
            }
        }

        return counts;
    }

    // Null where there are several.
    private static Dictionary<(string?, string), ClientKey?> SoleWorkloads(ClientStream[] streams)
    {
        var sole = new Dictionary<(string?, string), ClientKey?>();
        foreach (ClientStream stream in streams)
        {
            ClientKey key = stream.Client.Key;
            if (key.Workload != ClientWorkload.None)
            {
                (string?, string) place = (key.Identity, key.Address);
                sole[place] = !sole.TryGetValue(place, out ClientKey? other) || key == other ? key : null;
            }
        }

        return sole;
    }
}

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>
/// What each client has, so that none takes all. Who has nothing is not kept: there are no more than requests that were let in.
/// </summary>
internal sealed class ClientShares(MeshControlPlaneLimitOptions limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ClientShare> _shares = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _shares.Count;
            }
        }
    }

    /// <summary>False where it has as much as one may have.</summary>
    public bool TryTake(string client, AskedFor what)
    {
        lock (_lock)
        {
            if (!_shares.TryGetValue(client, out ClientShare? share))
            {
                _shares[client] = share = new ClientShare();
            }

            if (Of(share, what) >= (what is AskedFor.Certificate ? limits.CertificatesPerClient : limits.StreamsPerClient))
            {
                return false;
            }

            Add(share, what, 1);
            return true;
        }
    }

    public void Return(string client, AskedFor what)
    {
        lock (_lock)
        {
            ClientShare share = _shares[client];
            Add(share, what, -1);
            if (share.IsEmpty)
            {
                _shares.Remove(client);
            }
        }
    }

    private static int Of(ClientShare share, AskedFor what) => what switch
    {
        AskedFor.Certificate => share.Certificates,
        AskedFor.Registration => share.Registrations,
        _ => share.Streams,
    };

    private static void Add(ClientShare share, AskedFor what, int change)
    {
        switch (what)
        {
            case AskedFor.Certificate:
                share.Certificates += change;
                break;
            case AskedFor.Registration:
                share.Registrations += change;
                break;
            default:
                share.Streams += change;
                break;
        }
    }
}

using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>
/// Which process is behind which address: one that several addresses lead to, as an IPv4 and an IPv6 one, is registered with once. Two
/// registrations there would take each other's place.
/// </summary>
internal sealed class ReplicaClaims
{
    private readonly Lock _lock = new();
    private readonly Pulse _freed = new();
    private readonly Dictionary<string, object> _owners = new(StringComparer.Ordinal);

    /// <summary>Completes when a process has nobody who registers with it any more. Take it before <see cref="IsTaken"/>.</summary>
    public Task Freed => _freed.Signalled;

    /// <summary>False where another registers with that process.</summary>
    /// <param name="process">As it calls itself.</param>
    /// <param name="owner">Has one process at a time.</param>
    public bool TryTake(string process, object owner)
    {
        lock (_lock)
        {
            if (_owners.TryGetValue(process, out object? other))
            {
                return other == owner;
            }

            Remove(owner);
            _owners[process] = owner;
            return true;
        }
    }

    public bool IsTaken(string process)
    {
        lock (_lock)
        {
            return _owners.ContainsKey(process);
        }
    }

    public void Release(object owner)
    {
        lock (_lock)
        {
            Remove(owner);
        }
    }

    private void Remove(object owner)
    {
        foreach ((string process, object other) in _owners)
        {
            if (other == owner)
            {
                _owners.Remove(process);
                _freed.Signal();
                return;
            }
        }
    }
}

using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>The registrations of one service. No two share a name or an address.</summary>
internal sealed class RegisteredService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RegisteredInstance> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<EndpointAddress, RegisteredInstance> _byAddress = [];
    private readonly Pulse _changed = new();
    private EndpointSet? _state;
    private long _lastChanged;

    /// <summary>Completes at the next change. Take it before reading the state.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>When the latest registration came or went.</summary>
    public long LastChanged => Volatile.Read(ref _lastChanged);

    /// <summary>The whole state.</summary>
    public EndpointSet State
    {
        get
        {
            lock (_lock)
            {
                return _state ??= EndpointSet.Known([.. _byName.Values.Select(instance => instance.Endpoint)]);
            }
        }
    }

    /// <summary>Adds a registration in place of the one at its address: whoever listens there now is another, or the same again.</summary>
    /// <returns>The live one that holds its name at another address, or its address for another identity: then nothing was done.</returns>
    public RegisteredInstance? Add(RegisteredInstance instance, long now)
    {
        lock (_lock)
        {
            RegisteredInstance? named = _byName.GetValueOrDefault(instance.Name);
            RegisteredInstance? there = _byAddress.GetValueOrDefault(instance.Endpoint.Address);
            if (named is not null && (named != there || IsForeign(named, instance)))
            {
                return named;
            }

            if (there is not null)
            {
                if (IsForeign(there, instance))
                {
                    return there;
                }

                Forget(there);
                there.Replace();
            }

            _byName[instance.Name] = instance;
            _byAddress[instance.Endpoint.Address] = instance;
            Note(now);
        }

        _changed.Signal();
        return null;
    }

    /// <summary>Takes it out, unless another has taken its place.</summary>
    public bool Remove(RegisteredInstance instance, long now)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_byName.GetValueOrDefault(instance.Name), instance))
            {
                return false;
            }

            Forget(instance);
            Note(now);
        }

        _changed.Signal();
        return true;
    }

    private static bool IsForeign(RegisteredInstance before, RegisteredInstance now) => before.Owner is { } owner && owner != now.Owner;

    private void Forget(RegisteredInstance instance)
    {
        _byName.Remove(instance.Name);
        _byAddress.Remove(instance.Endpoint.Address);
    }

    private void Note(long now)
    {
        _state = null;
        Volatile.Write(ref _lastChanged, now);
    }
}

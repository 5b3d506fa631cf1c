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
    private long _lastAdded;

    /// <summary>Completes at the next change. Take it before reading the state.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>When the latest registration came.</summary>
    public long LastAdded => Volatile.Read(ref _lastAdded);

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

    /// <summary>Adds a registration in place of those with its name or its address.</summary>
    /// <returns>The one that was replaced for its name or address and belongs to somebody else: then nothing was done.</returns>
    public RegisteredInstance? Add(RegisteredInstance instance, long now)
    {
        lock (_lock)
        {
            RegisteredInstance? named = _byName.GetValueOrDefault(instance.Name);
            RegisteredInstance? there = _byAddress.GetValueOrDefault(instance.Endpoint.Address);
            if ((IsForeign(named, instance) ? named : IsForeign(there, instance) ? there : null) is { } foreign)
            {
                return foreign;
            }

            Replace(named);
            Replace(there);
            _byName[instance.Name] = instance;
            _byAddress[instance.Endpoint.Address] = instance;
            _state = null;
            Volatile.Write(ref _lastAdded, now);
        }

        _changed.Signal();
        return null;
    }

    /// <summary>Takes it out, unless another has taken its place.</summary>
    public bool Remove(RegisteredInstance instance)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_byName.GetValueOrDefault(instance.Name), instance))
            {
                return false;
            }

            Forget(instance);
        }

        _changed.Signal();
        return true;
    }

    private static bool IsForeign(RegisteredInstance? before, RegisteredInstance now) =>
        before?.Owner is { } owner && owner != now.Owner;

    private void Replace(RegisteredInstance? before)
    {
        if (before is not null)
        {
            Forget(before);
            before.Replace();
        }
    }

    private void Forget(RegisteredInstance instance)
    {
        _byName.Remove(instance.Name);
        _byAddress.Remove(instance.Endpoint.Address);
        _state = null;
    }
}

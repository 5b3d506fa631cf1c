using System.Collections.Immutable;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>The calls that wait for a watched list: those of all its readers.</summary>
internal sealed class WatchDemand
{
    private readonly Lock _lock = new();
    private readonly Pulse _joined = new();
    private ImmutableArray<Pulse> _pulses = [];
    private Task? _signalled;

    /// <summary>Another number after each signal, and with each reader that comes.</summary>
    public int Count
    {
        get
        {
            int count = _joined.Count;
            foreach (Pulse pulse in Pulses)
            {
                count += pulse.Count;
            }

            return count;
        }
    }

    /// <summary>Completes with the next signal of any. The same until then: what waits for every pulse is not made for each wait.</summary>
    public Task Signalled
    {
        get
        {
            lock (_lock)
            {
                if (_signalled is not { IsCompleted: false })
                {
                    _signalled = Task.WhenAny([_joined.Signalled, .. Pulses.Select(pulse => pulse.Signalled)]);
                }

                return _signalled;
            }
        }
    }

    private ImmutableArray<Pulse> Pulses => ImmutableInterlocked.InterlockedCompareExchange(ref _pulses, default, default);

    public void Add(Pulse pulse)
    {
        lock (_lock)
        {
            ImmutableInterlocked.Update(ref _pulses, static (pulses, added) => pulses.Add(added), pulse);
        }

        _joined.Signal();
    }

    public void Remove(Pulse pulse)
    {
        lock (_lock)
        {
            ImmutableInterlocked.Update(ref _pulses, static (pulses, gone) => pulses.Remove(gone), pulse);
            _signalled = null;
        }
    }
}

using System.Collections.Immutable;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>The calls that wait for a watched list: those of all its readers.</summary>
internal sealed class WatchDemand
{
    private readonly Pulse _joined = new();
    private ImmutableArray<Pulse> _pulses = [];

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

    /// <summary>Completes with the next signal of any.</summary>
    public Task Signalled
    {
        get
        {
            // Taken first: who joins after that is heard.
            Task joined = _joined.Signalled;
            return Task.WhenAny([joined, .. Pulses.Select(pulse => pulse.Signalled)]);
        }
    }

    private ImmutableArray<Pulse> Pulses => ImmutableInterlocked.InterlockedCompareExchange(ref _pulses, default, default);

    public void Add(Pulse pulse)
    {
        ImmutableInterlocked.Update(ref _pulses, static (pulses, added) => pulses.Add(added), pulse);
        _joined.Signal();
    }

    public void Remove(Pulse pulse) =>
        ImmutableInterlocked.Update(ref _pulses, static (pulses, gone) => pulses.Remove(gone), pulse);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A clock that stands still unless it is moved, and tells which waits began: so a test knows when to move it.</summary>
internal sealed class RecordingClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    public RecordingClock()
        : base(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    /// <summary>Every wait that began, in order.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits for exactly so long.</summary>
    public Task WaitedAsync(TimeSpan wait) => Eventually.TrueAsync(() => _waits.Contains(wait));
}

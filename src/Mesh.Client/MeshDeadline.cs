namespace Mesh.Client;

/// <summary>
/// The time by which the work under way must be done, carried along with the flow of execution as a gRPC deadline is along its calls: every
/// call that the mesh makes within ends by then, and tells the service that it calls how much is left. It can only be shortened.
/// </summary>
/// <remarks><c>AddMeshServer</c> sets it for each request that comes with one.</remarks>
public static class MeshDeadline
{
    private static readonly AsyncLocal<Entry?> Local = new();
    private static volatile bool _isUsed;

    /// <summary>How much is left, zero when it has passed; null where there is no deadline.</summary>
    public static TimeSpan? Remaining => _isUsed && Local.Value is { IsNone: false } entry ? Max(entry.Left, TimeSpan.Zero) : null;

    /// <summary>Whether this process has ever set one: where none has, a call looks no further.</summary>
    internal static bool IsUsed => _isUsed;

    /// <summary>Sets a deadline until what is returned is disposed. A sooner one that is set already stays.</summary>
    /// <param name="remaining">
    /// How much is left; zero or less has passed. <see cref="Timeout.InfiniteTimeSpan"/> sets none: one that is set already stays.
    /// </param>
    /// <param name="timeProvider">What it is measured by. Default <see cref="TimeProvider.System"/>.</param>
    /// <returns>Ends the deadline.</returns>
    public static IDisposable Begin(TimeSpan remaining, TimeProvider? timeProvider = null)
    {
        Entry? outer = Local.Value;
        if (remaining == Timeout.InfiniteTimeSpan)
        {
            return new Scope(outer);
        }

        _isUsed = true;
        remaining = Max(remaining, TimeSpan.Zero);
        bool isSooner = outer is null || outer.IsNone || remaining < outer.Left;
        return new Scope(isSooner ? new Entry(timeProvider ?? TimeProvider.System, remaining) : outer);
    }

    /// <summary>Leaves the deadline until what is returned is disposed: for work that outlives the request which began it.</summary>
    /// <returns>Brings the deadline back.</returns>
    public static IDisposable Suppress() => new Scope(Entry.None);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class Entry(TimeProvider? time, TimeSpan remaining)
    {
        public static readonly Entry None = new(null, TimeSpan.Zero);

        private readonly long _began = time?.GetTimestamp() ?? 0;

        public bool IsNone => time is null;

        public TimeSpan Left => remaining - time!.GetElapsedTime(_began);
    }

    private sealed class Scope : IDisposable
    {
        private readonly Entry? _outer = Local.Value;
        private bool _ended;

        public Scope(Entry? entry) => Local.Value = entry;

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                Local.Value = _outer;
            }
        }
    }
}

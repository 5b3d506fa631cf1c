namespace Mesh.Client.Resilience.Timeouts;

/// <summary>By when a call must be over, and who says so.</summary>
/// <param name="Due">A timestamp; <see cref="Timestamps.Never"/> when nobody says so.</param>
/// <param name="Limit">How far away it was when the call began.</param>
/// <param name="Kind">Whose it is.</param>
internal readonly record struct CallDeadline(long Due, TimeSpan Limit, TimeoutKind Kind)
{
    public static readonly CallDeadline None = new(Timestamps.Never, TimeSpan.MaxValue, TimeoutKind.Request);

    public bool IsNone => Due == Timestamps.Never;

    /// <summary>The sooner of this one and another, which counts from a timestamp on.</summary>
    public CallDeadline Or(TimeSpan? limit, TimeoutKind kind, TimeProvider time, long from)
    {
        if (limit is not { } span)
        {
            return this;
        }

        long due = time.After(from, span);
        return due < Due ? new CallDeadline(due, span, kind) : this;
    }
}

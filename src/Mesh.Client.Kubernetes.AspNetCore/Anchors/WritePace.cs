namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>
/// Spaces the writes of one object: the first at once, and each after the last with twice the wait, up to a minute, until there was none
/// for two. Two who want different things of one object do not keep the API server busy.
/// </summary>
/// <param name="time">Of its timestamps only: a clock that is set changes nothing.</param>
internal sealed class WritePace(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private long? _last;
    private TimeSpan _wait = First;

    /// <summary>Null: write now, which counts; else how long until it may be asked again.</summary>
    public TimeSpan? Next()
    {
        long now = time.GetTimestamp();
        if (_last is { } last)
        {
            TimeSpan since = time.GetElapsedTime(last, now);
            if (since < _wait)
            {
                return _wait - since;
            }

            _wait = since > 2 * Most ? First : _wait * 2 < Most ? _wait * 2 : Most;
        }

        _last = now;
        return null;
    }
}

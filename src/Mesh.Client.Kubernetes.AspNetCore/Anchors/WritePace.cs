namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>
/// Spaces the writes of one object: the first at once, and each after the last with twice the wait, up to a minute, until there was none
/// for two. Two who want different things of one object do not keep the API server busy.
/// </summary>
internal sealed class WritePace
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _last;
    private TimeSpan _wait = First;

    /// <summary>Null: write now, which counts; else when it may be asked again.</summary>
    public DateTimeOffset? Next(DateTimeOffset now)
    {
        if (_last is { } last)
        {
            if (now - last < _wait)
            {
                return last + _wait;
            }

            _wait = now - last > 2 * Most ? First : _wait * 2 < Most ? _wait * 2 : Most;
        }

        _last = now;
        return null;
    }
}

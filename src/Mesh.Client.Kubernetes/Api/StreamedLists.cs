using System.Collections.Concurrent;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>Which API groups a server lists as the beginning of a watch: all, until it has been found otherwise.</summary>
internal sealed class StreamedLists(TimeProvider time)
{
    /// <summary>So long it is not tried again after a first silence; twice as long after each further one, up to a day.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxDoubt = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, (long Since, TimeSpan For)> _without = new(StringComparer.Ordinal);

    public bool Takes(string group) =>
        !_without.TryGetValue(group, out (long Since, TimeSpan For) doubt) || time.GetElapsedTime(doubt.Since) >= doubt.For;

    /// <summary>The server has said that it does not take such a request. It is not asked for one again.</summary>
    public void Refuse(string group) => _without[group] = (time.GetTimestamp(), TimeSpan.MaxValue);

    /// <summary>It was silent: it may not know what it was asked for and wait for changes, or the connection was dead.</summary>
    public void Suspect(string group) => _without.AddOrUpdate(
        group,
        static (_, now) => (now, Doubt),
        static (_, doubt, now) => (now, doubt.For < MaxDoubt / 2 ? doubt.For * 2 : doubt.For > MaxDoubt ? doubt.For : MaxDoubt),
        time.GetTimestamp());

    /// <summary>One has come.</summary>
    public void Confirm(string group) => _without.TryRemove(group, out _);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// One line per peer and endpoint in <see cref="Window"/>, which tells how many were left out before it. At most
/// <see cref="MaxKeys"/> pairs are told apart; what comes beyond shares one.
/// </summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    public const int MaxKeys = 1024;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string Who, string What), Line> _lines = new();
    private readonly Line _others = new();
    private long _swept = time.GetTimestamp();

    public void Refused(string who, string method, string what, string policy, bool audited)
    {
        LogLevel level = LogLevel.Warning;
        if (!logger.IsEnabled(level) || !Find((who, what)).IsDue(time, out int leftOut))
        {
            return;
        }

        if (audited)
        {
            LogAudited(method, what, who, policy, leftOut);
        }
        else
        {
            LogRefused(method, what, who, policy, leftOut);
        }
    }

    private Line Find((string Who, string What) key)
    {
        if (_lines.TryGetValue(key, out Line? line))
        {
            return line;
        }

        if (_lines.Count < MaxKeys || Sweep())
        {
            return _lines.GetOrAdd(key, static _ => new Line());
        }

        return _others;
    }

    /// <summary>Forgets old pairs, at most once in a window; true when there is room again.</summary>
    private bool Sweep()
    {
        long last = Volatile.Read(ref _swept);
        if (time.GetElapsedTime(last) < Window || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), last) != last)
        {
            return false;
        }

        foreach (KeyValuePair<(string, string), Line> entry in _lines)
        {
            if (entry.Value.IsOld(time))
            {
                _lines.TryRemove(entry);
            }
        }

        return _lines.Count < MaxKeys;
    }

    [LoggerMessage(EventId = 1, EventName = "RequestRefused", Level = LogLevel.Warning, SkipEnabledCheck = true,
        Message = "Refused {Method} {Endpoint} to {Peer} ({Policy}); {LeftOut} more before")]
    private partial void LogRefused(string method, string endpoint, string peer, string policy, int leftOut);

    [LoggerMessage(EventId = 2, EventName = "RequestAudited", Level = LogLevel.Warning, SkipEnabledCheck = true,
        Message = "Would refuse {Method} {Endpoint} to {Peer} ({Policy}); {LeftOut} more before")]
    private partial void LogAudited(string method, string endpoint, string peer, string policy, int leftOut);

    private sealed class Line
    {
        private long _next = long.MinValue;
        private int _leftOut;

        public bool IsDue(TimeProvider time, out int leftOut)
        {
            long now = time.GetTimestamp();
            long next = Volatile.Read(ref _next);
            long then = now + (long)(Window.TotalSeconds * time.TimestampFrequency);
            if (now < next || Interlocked.CompareExchange(ref _next, then, next) != next)
            {
                Interlocked.Increment(ref _leftOut);
                leftOut = 0;
                return false;
            }

            leftOut = Interlocked.Exchange(ref _leftOut, 0);
            return true;
        }

        public bool IsOld(TimeProvider time) => time.GetTimestamp() >= Volatile.Read(ref _next);
    }
}

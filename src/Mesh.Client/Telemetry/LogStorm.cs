using Mesh.Client.Model;

namespace Mesh.Client.Telemetry;

/// <summary>
/// Keeps an event that comes many times at once from filling the log: the first few of an interval are told one by one, the rest in one
/// line at its end, with their number.
/// </summary>
internal sealed class LogStorm
{
    /// <summary>How many are told one by one, unless told otherwise.</summary>
    public const int First = 10;

    /// <summary>Counted from the first.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action<int, double> _summarize;
    private ITimer? _timer;
    private readonly int _first;
    private int _count;

    /// <param name="time">Measures the interval.</param>
    /// <param name="summarize">Told how many more there were, and in how many seconds.</param>
    /// <param name="first">How many are told one by one.</param>
    public LogStorm(TimeProvider time, Action<int, double> summarize, int first = First) =>
        (_time, _summarize, _first) = (time, summarize, first);

    /// <summary>Whether this one is to be told by itself.</summary>
    public bool Allows()
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                _timer ??= Detached.CreateTimer(_time, static self => ((LogStorm)self!).End(), this);
                _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            }

            return ++_count <= _first;
        }
    }

    /// <summary>Tells at once what is left to tell: nothing comes any more.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }

        End();
    }

    private void End()
    {
        int more;
        lock (_lock)
        {
            more = _count - _first;
            _count = 0;
        }

        if (more > 0)
        {
            _summarize(more, Interval.TotalSeconds);
        }
    }
}

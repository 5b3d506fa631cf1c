namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>
/// Counts what is being opened. Whoever says nothing for a second, as a service that nobody knows yet, costs nothing more and counts no
/// more: the window has four parts, and the oldest falls out.
/// </summary>
internal sealed class OpeningWindow(int limit, TimeProvider time)
{
    private const int Parts = 4;
    private static readonly TimeSpan Part = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly int[] _counts = new int[Parts];
    private readonly long _start = time.GetTimestamp();
    private long _part;
    private int _sum;

    /// <summary>False where there are too many.</summary>
    /// <param name="part">For <see cref="Exit"/>.</param>
    public bool TryEnter(out long part)
    {
        lock (_lock)
        {
            Turn();
            part = _part;
            if (_sum >= limit)
            {
                return false;
            }

            _counts[part % Parts]++;
            _sum++;
            return true;
        }
    }

    /// <summary>It is open, or has ended.</summary>
    public void Exit(long part)
    {
        lock (_lock)
        {
            Turn();
            if (part > _part - Parts)
            {
                _counts[part % Parts]--;
                _sum--;
            }
        }
    }

    private void Turn()
    {
        long now = time.GetElapsedTime(_start).Ticks / Part.Ticks;
        for (int i = 0; _part < now && i < Parts; i++)
        {
            _part++;
            ref int oldest = ref _counts[_part % Parts];
            _sum -= oldest;
            oldest = 0;
        }

        _part = now;
    }
}

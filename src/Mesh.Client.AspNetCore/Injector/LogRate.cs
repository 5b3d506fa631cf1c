namespace Mesh.Client.AspNetCore.Injector;

/// <summary>So many lines in a second, and how many there would have been.</summary>
internal sealed class LogRate(int perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private int _lines;
    private int _leftOut;

    /// <param name="leftOut">How many were not allowed since one was.</param>
    public bool Allows(out int leftOut)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= TimeSpan.FromSeconds(1))
            {
                (_since, _lines) = (time.GetTimestamp(), 0);
            }

            bool allowed = _lines < perSecond;
            leftOut = allowed ? _leftOut : 0;
            (_lines, _leftOut) = allowed ? (_lines + 1, 0) : (_lines, _leftOut + 1);
            return allowed;
        }
    }
}

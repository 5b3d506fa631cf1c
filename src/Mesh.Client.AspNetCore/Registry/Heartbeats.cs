namespace Mesh.Client.AspNetCore.Registry;

/// <summary>
/// Notices that a peer has vanished. What counts is not the time since the last word but the ticks without one: a process that
/// stood still for a while has not missed its peers' words, they wait to be read.
/// </summary>
internal sealed class Heartbeats(TimeProvider time)
{
    /// <summary>How often a registered instance is to be heard.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Three ticks in silence: between 6 and 8 s since the last word.</summary>
    private const int MaxMissed = 3;

    private int _heard;

    public void Hear() => Volatile.Write(ref _heard, 1);

    /// <summary>Returns true once the peer has vanished; false when cancelled.</summary>
    public async Task<bool> VanishedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        int missed = 0;
        try
        {
            while (missed < MaxMissed)
            {
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
                missed = Interlocked.Exchange(ref _heard, 0) == 0 ? missed + 1 : 0;
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

using System.Diagnostics;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>The span of a logical call, which its attempts share.</summary>
internal sealed class CallSpan(Activity activity)
{
    private int _sent;

    public Activity Activity => activity;

    /// <summary>Whether anybody keeps it. Else it is there to be forwarded, and attempts have no spans.</summary>
    public bool IsRecorded => activity.IsAllDataRequested;

    /// <summary>Counts an attempt.</summary>
    /// <returns>How many were sent before it.</returns>
    public int Count() => Interlocked.Increment(ref _sent) - 1;

    /// <summary>It made no connection, so nothing was sent.</summary>
    public void Uncount() => Interlocked.Decrement(ref _sent);
}

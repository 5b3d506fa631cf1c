namespace Mesh.Client.Resilience.Timeouts;

/// <summary>Hears that the time of a <see cref="TimeoutSource"/> ran out, before its token is cancelled.</summary>
internal interface ITimeoutListener
{
    /// <summary>The time ran out. Called once, on a timer's thread; it is to cancel the source.</summary>
    void OnTimeout(TimeoutSource source);
}

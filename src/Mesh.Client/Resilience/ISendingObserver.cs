using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Resilience;

/// <summary>Sees a request's content go out.</summary>
internal interface ISendingObserver
{
    /// <summary>A sending begins.</summary>
    /// <returns>The timeout of the attempt that it is for.</returns>
    TimeoutSource? Sending();

    /// <summary>The last byte is out.</summary>
    /// <param name="attempt">What <see cref="Sending"/> gave.</param>
    void Sent(TimeoutSource? attempt);

    /// <summary>A piece of the caller's own content goes out.</summary>
    void Writing(int bytes);

    /// <summary>A piece could not go out at once.</summary>
    void Waiting();

    /// <summary>It has gone out by now, or failed.</summary>
    void Waited();
}

namespace Mesh.Client.Resilience;

/// <summary>A call whose first attempt failed, as the retry schedule sees it. Its state is that after its latest attempt.</summary>
internal interface IRetriedCall
{
    /// <summary>
    /// Whether the latest attempt is to be followed by another. Asked once after each attempt while retries are left by number,
    /// never after the last; so the budget is paid before it is asked, or here.
    /// </summary>
    bool ShouldRetry { get; }

    /// <summary>The latest attempt was the last that the number of retries allows.</summary>
    void Spent();

    /// <summary>Whether the next pick is an endpoint that this call has not tried: it is asked at once.</summary>
    bool NextIsFresh { get; }

    /// <summary>What the latest answer said about being asked again.</summary>
    RetryHint Hint { get; }

    /// <summary>Makes the next attempt; failures are kept by the call, what is thrown ends it.</summary>
    ValueTask NextAttemptAsync(CancellationToken cancellationToken);
}

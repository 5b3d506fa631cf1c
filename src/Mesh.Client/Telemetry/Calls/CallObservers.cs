namespace Mesh.Client.Telemetry.Calls;

/// <summary>
/// All who watch calls. Whoever is not registered costs nothing, and who is registered and does not listen costs the look at a field.
/// </summary>
internal sealed class CallObservers(IEnumerable<ICallObserver> observers)
{
    private readonly ICallObserver[] _observers = [.. observers];

    public static CallObservers None { get; } = new([]);

    /// <summary>Whether anybody wants to be told.</summary>
    public bool AreEnabled
    {
        get
        {
            foreach (ICallObserver observer in _observers)
            {
                if (observer.IsEnabled)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void AttemptEnded(IObservedCall call)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                observer.OnAttemptEnded(call);
            }
        }
    }

    public void Retried(IObservedCall call, RetryResult result)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                observer.OnRetry(call, result);
            }
        }
    }

    public void CallEnded(IObservedCall call)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                observer.OnCallEnded(call);
            }
        }
    }
}

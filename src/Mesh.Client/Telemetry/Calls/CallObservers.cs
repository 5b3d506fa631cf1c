using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Telemetry.Calls;

/// <summary>
/// All who watch calls. Whoever is not registered costs nothing, and who is registered and does not listen costs the look at a field. What
/// one throws, such as a listener of the application's, befalls neither the others nor the call.
/// </summary>
internal sealed partial class CallObservers(IEnumerable<ICallObserver> observers, ILogger<CallObservers> logger)
{
    private readonly ICallObserver[] _observers = [.. observers];
    private int _hasThrown;

    public static CallObservers None { get; } = new([], NullLogger<CallObservers>.Instance);

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
                try
                {
                    observer.OnAttemptEnded(call);
                }
                catch (Exception e)
                {
                    Thrown(e);
                }
            }
        }
    }

    public void Retried(IObservedCall call, RetryResult result)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                try
                {
                    observer.OnRetry(call, result);
                }
                catch (Exception e)
                {
                    Thrown(e);
                }
            }
        }
    }

    public void RetriesSpent(IObservedCall call)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                try
                {
                    observer.OnRetriesSpent(call);
                }
                catch (Exception e)
                {
                    Thrown(e);
                }
            }
        }
    }

    public void CallEnded(IObservedCall call)
    {
        foreach (ICallObserver observer in _observers)
        {
            if (observer.IsEnabled)
            {
                try
                {
                    observer.OnCallEnded(call);
                }
                catch (Exception e)
                {
                    Thrown(e);
                }
            }
        }
    }

    /// <summary>Somebody who was told of a call threw. The first of a process is logged: there would be one for every call.</summary>
    public void Thrown(Exception error)
    {
        if (Interlocked.Exchange(ref _hasThrown, 1) == 0)
        {
            try
            {
                LogThrown(error);
            }
            catch (Exception)
            {
                // It may be the log that throws.
            }
        }
    }

    [LoggerMessage(EventId = 1, EventName = "ListenerThrew", Level = LogLevel.Warning,
        Message = "A listener to calls, attempts or their spans threw. The call goes on; what else is thrown there is not logged.")]
    private partial void LogThrown(Exception error);
}

namespace Mesh.Client.Telemetry.Calls;

/// <summary>Is told of calls and attempts as they end, on the thread that ended them: it is quick, takes no lock, and does not throw.</summary>
internal interface ICallObserver
{
    /// <summary>Whether it wants to be told. Asked for each call: a field, not a computation.</summary>
    bool IsEnabled { get; }

    /// <summary>An attempt has ended, be it with a body that was read to its end. One that made no connection is told as well.</summary>
    void OnAttemptEnded(IObservedCall call);

    /// <summary>A retry has ended, or something kept the call from one.</summary>
    void OnRetry(IObservedCall call, RetryResult result)
    {
    }

    /// <summary>The last retry that was allowed has failed in a way that another would be due for.</summary>
    void OnRetriesSpent(IObservedCall call)
    {
    }

    /// <summary>A logical call has ended: once for each, hedged ones too.</summary>
    void OnCallEnded(IObservedCall call);
}

using Mesh.Client.Model;
using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Runtime;

/// <summary>What a call shows to those who watch calls.</summary>
internal sealed partial class MeshCall : IObservedCall, IMeteredCall
{
    bool IMeteredCall.HasPlace => _current.Pool is not null;

    ref MeteredTraffic? IMeteredCall.Traffic
    {
        get
        {
            if (_history?.Backend is { } backend)
            {
                return ref backend.Traffic;
            }

            return ref service.Traffic;
        }
    }

    string IObservedCall.Service => service.Name.Authority;

    string IObservedCall.Route => RouteName;

    string IObservedCall.Backend => _current.Pool is null ? IObservedCall.NoBackend : Backend.Name.Authority;

    HttpMethod IObservedCall.Method => request.Method;

    IObservedEndpoint? IObservedCall.Endpoint => _current.Pool?.Endpoint;

    PickReason IObservedCall.Reason => _current.Reason;

    AttemptResult IObservedCall.Outcome => HasNoAnswer ? AttemptResult.Cancelled : _current.Outcome.Kind;

    int? IObservedCall.Status =>
        _history?.AnsweredBy is not null ? (int)_response!.StatusCode
        : HasNoAnswer ? null
        : StatusOf(_current);

    int? IObservedCall.HeadStatus => HasNoAnswer && _history?.AnsweredBy is null ? null : (int?)_response?.StatusCode;

    TimeoutKind IObservedCall.Late =>
        Clock is { HasFired: true } clock ? clock.Kind
        : _current.Outcome.Kind is AttemptResult.Timeout ? (TimeoutKind)_current.Outcome.StatusCode
        : TimeoutKind.Request;

    MeshFailure? IObservedCall.Failure => IsOver && !IsDelivered ? _history?.Failure : null;

    LimitKind? IObservedCall.Limit => IsOver && !IsDelivered ? _history?.RefusedBy : null;

    bool? IObservedCall.Succeeded =>
        IsOver && !IsDelivered && _history?.Failure is not null ? false
        : _history?.AnsweredBy is not null ? (int)_response!.StatusCode < 500
        : HasNoAnswer || _current.Outcome.Kind is AttemptResult.Cancelled ? null
        : _current.Outcome.IsFailure == false;

    TimeSpan IObservedCall.Duration => service.Time.GetElapsedTime(_started);

    TimeSpan IObservedCall.AttemptDuration =>
        _current.Ended == 0 ? TimeSpan.Zero : service.Time.GetElapsedTime(_current.Started, _current.Ended);

    TimeSpan IObservedCall.AttemptElapsed => _current.Pool is null ? TimeSpan.Zero : service.Time.GetElapsedTime(_current.Started);

    TimeSpan? IObservedCall.ResponseElapsed =>
        _current.Pool is null || _response is null ? null
        : !Content.IsWatched ? service.Time.GetElapsedTime(_current.Started)
        : _history is { Sent: var sent } && sent >= _current.Started ? service.Time.GetElapsedTime(sent)
        : null;

    bool IObservedCall.IsOfProfile => _history?.Route is not null && Own.Routes?.Policy.FirstMatch == true;

    int IObservedCall.Attempts
    {
        get
        {
            int count = _current.Pool is not null && _current.Outcome.Kind is not AttemptResult.ConnectFailure ? 1 : 0;
            foreach ((AttemptTrace trace, _) in _history?.Earlier ?? [])
            {
                count += trace.Outcome.Kind is AttemptResult.ConnectFailure ? 0 : 1;
            }

            return count;
        }
    }

    Uri IObservedCall.Target => request.RequestUri!;

    // Nothing was tried, or its caller gave it up after what was tried last.
    private bool HasNoAnswer => _current.Pool is null || _history?.IsGivenUp == true;

    // Who got a response is told of its end, whatever became of the body.
    private bool IsDelivered => _response is not null && _history?.Failure is null;

    private bool IsWatched => service.Services.Observers.AreEnabled || Trace is not null;

    /// <summary>Keeps why the mesh ends the call, for those who watch it.</summary>
    public void Fail(MeshFailure failure, LimitKind? limit = null)
    {
        if (IsWatched)
        {
            _history ??= new CallHistory();
            _history.Failure = failure;
            _history.RefusedBy = limit;
        }
    }

    // An attempt that failed was followed by one that did not.
    private void ForgetFailure()
    {
        if (_history?.Failure is not null)
        {
            (_history.Failure, _history.RefusedBy) = (null, null);
        }
    }

    /// <summary>It is a copy that belongs to another call, and is not told of as one.</summary>
    public MeshCall AsCopy()
    {
        CallHistory history = _history ??= new CallHistory();
        (history.IsPart, history.IsCopy) = (true, true);
        return this;
    }

    private static int? StatusOf(in AttemptTrace trace) =>
        trace.Pool is not null && trace.Outcome.Kind is AttemptResult.Success or AttemptResult.HttpStatus or AttemptResult.GrpcStatus
            ? trace.Outcome.StatusCode
            : null;

    // A retry, or what kept the call from one.
    private void CountRetry(RetryResult result)
    {
        service.CountRetry(result);
        if (service.Services.Observers is { AreEnabled: true } observers)
        {
            observers.Retried(this, result);
        }
    }

    private void TellAttemptEnded()
    {
        if (service.Services.Observers is { AreEnabled: true } observers)
        {
            observers.AttemptEnded(this);
        }
    }

    // Nobody asks unless Linkerd's names are on.
    private void TellFrame(int bytes, bool isResponse)
    {
        if (service.Services.LinkerdNames is { } names)
        {
            try
            {
                names.Frame(this, bytes, isResponse);
            }
            catch (Exception e)
            {
                service.Services.Observers.Thrown(e);
            }
        }
    }

    // The span first. What a hedged call has under way beside others, and what is mirrored, is no call of its own.
    private void TellCallEnded()
    {
        try
        {
            EndCallTrace();
        }
        catch (Exception e)
        {
            service.Services.Observers.Thrown(e);
        }

        if (service.Services.Observers is { AreEnabled: true } observers && _history?.IsPart != true)
        {
            observers.CallEnded(this);
        }
    }
}

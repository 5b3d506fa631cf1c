using System.Diagnostics;
using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Runtime;

/// <summary>The spans of a call and of its attempts. Nothing of a request that may be a secret is in them.</summary>
internal sealed partial class MeshCall
{
    /// <summary>What is traced of the call; null: nothing.</summary>
    public CallTrace? Trace => _history?.Trace;

    private CallTags Tags => new(request, service.Name.Authority, isGrpc);

    /// <summary>Begins the call's span, if its sampler wants one. Once, while somebody listens.</summary>
    public void StartTrace()
    {
        try
        {
            StartTrace(Activity.Current, links: null);
        }
        catch
        {
            // A sampler of the application threw: what was counted in is counted out.
            End(null);
            throw;
        }
    }

    /// <summary>The same for a copy of another call's request: a trace of its own, which tells of the other.</summary>
    public void StartMirrorTrace(CallTrace? original)
    {
        if (original is { Span: { IsRecorded: true, Activity: var activity } })
        {
            StartTrace(parent: null, [new ActivityLink(activity.Context)]);
            Trace?.Span.Activity.SetTag("mesh.mirror", true);
        }
    }

    private void StartTrace(Activity? parent, ActivityLink[]? links)
    {
        if (MeshTracing.Start(MeshTracing.CallName, ActivityKind.Internal, parent, Tags, links) is { } activity)
        {
            // Discovery may have been waited for before.
            if (Waited > TimeSpan.Zero)
            {
                activity.SetStartTime(activity.StartTimeUtc - Waited);
            }

            (_history ??= new CallHistory()).Trace = new CallTrace(new CallSpan(activity));
        }
    }

    /// <summary>What became of it beside others for the same request.</summary>
    public void TraceHedge(HedgeResult result)
    {
        if (Trace is { } trace)
        {
            trace.Hedged = result;
        }
    }

    /// <summary>Keeps why what failed is not tried again.</summary>
    public void TraceDenied(RetryResult why)
    {
        if (Trace is { } trace)
        {
            trace.Denied = why;
        }
    }

    // The connection's own span, and what it writes into the request, belongs to the attempt's; nothing of the caller's does.
    private Task<HttpResponseMessage> SendTraced(CallTrace trace, EndpointTransport transport, CancellationToken cancellationToken)
    {
        var ambient = AmbientActivity.Enter(trace.Current);
        try
        {
            return _current.Pool.SendAsync(ToSend(transport), cancellationToken);
        }
        finally
        {
            ambient.Leave();
        }
    }

    private void StartAttemptTrace(CallTrace trace)
    {
        // A leg may begin again somewhere while its call has ended.
        trace.Attempt = null;
        trace.Hedged = null;
        if (!trace.Span.IsRecorded || trace.Span.Activity.IsStopped)
        {
            return;
        }

        int sent = trace.Span.Count();
        Activity? attempt = MeshTracing.Start(MeshTracing.AttemptName, ActivityKind.Client, trace.Span.Activity, Tags);
        trace.Attempt = attempt;
        if (attempt is not { IsAllDataRequested: true })
        {
            return;
        }

        EndpointAddress address = _current.Endpoint.Address;
        attempt.DisplayName = TraceNames.Display(request, isGrpc, Backend.Name.Authority);
        attempt.SetTag("network.peer.address", address.Host);
        attempt.SetTag("network.peer.port", address.Port);
        attempt.SetTag("mesh.route", RouteName);
        attempt.SetTag("mesh.backend", Backend.Name.Authority);
        attempt.SetTag("mesh.pick.reason", MetricNames.Of(_current.Reason));
        WriteHash(attempt);
        if (sent > 0)
        {
            attempt.SetTag("http.request.resend_count", sent);
        }

        if (_history!.Earlier is [.., var before])
        {
            attempt.SetTag("mesh.retry.cause", MetricNames.Of(before.Trace.Outcome.Kind));
        }

        if (trace.IsHedge)
        {
            attempt.SetTag("mesh.hedge", true);
        }
    }

    private void EndAttemptTrace()
    {
        if (Trace is not { Attempt: { } attempt } trace)
        {
            return;
        }

        bool isUnsent = _current.Outcome.Kind is AttemptResult.ConnectFailure;
        if (isUnsent)
        {
            trace.Span.Uncount();
        }

        if (attempt.IsAllDataRequested)
        {
            // Who it was is known only of who was met.
            if (!isUnsent && _current.Endpoint.Transport.Peer is { } peer)
            {
                attempt.SetTag("mesh.peer.identity", peer.Identity.Name);
            }

            WriteAttemptOutcome(attempt, trace);
        }

        MeshTracing.Stop(attempt);
    }

    private void WriteAttemptOutcome(Activity attempt, CallTrace trace)
    {
        if (trace.Hedged is { } hedged)
        {
            attempt.SetTag("mesh.hedge.outcome", MetricNames.Of(hedged));
        }

        // Ended for another's sake, which is nobody's error.
        if (trace.Hedged is HedgeResult.Lost && _current.Outcome.Kind is AttemptResult.Success or AttemptResult.Cancelled)
        {
            attempt.SetTag("mesh.outcome", MetricNames.Of(AttemptResult.Cancelled));
            return;
        }

        AttemptOutcome outcome = _current.Outcome;
        attempt.SetTag("mesh.outcome", MetricNames.Of(outcome.Kind));
        SpanOutcome.Write(attempt, outcome, isGrpc);
        if (outcome.Kind is AttemptResult.ConnectFailure && _current.Error is { } error)
        {
            attempt.SetStatus(ActivityStatusCode.Error, Words(error, _current.Endpoint.Address));
        }
    }

    private void EndCallTrace()
    {
        if (Trace is not { Owns: true } trace)
        {
            return;
        }

        Activity call = trace.Span.Activity;
        if (call.IsAllDataRequested)
        {
            WriteCall(call, trace);
        }

        MeshTracing.Stop(call);
    }

    private void WriteCall(Activity call, CallTrace trace)
    {
        string route = RouteName;
        call.DisplayName = TraceNames.Display(request, isGrpc, route == RoutingPolicy.DefaultName ? service.Name.Authority : route);
        call.SetTag("mesh.route", route);
        call.SetTag("mesh.attempts", ((Telemetry.Calls.IObservedCall)this).Attempts);
        WriteHash(call);
        if (_current.Pool is not null)
        {
            call.SetTag("mesh.backend", Backend.Name.Authority);
        }

        if (Waited > TimeSpan.Zero)
        {
            call.SetTag("mesh.wait.duration", Waited.TotalSeconds);
        }

        if (trace.Denied is { } denied)
        {
            call.SetTag("mesh.retry.denied", MetricNames.Of(denied));
        }

        WriteCallOutcome(call);
    }

    private void WriteCallOutcome(Activity call)
    {
        CallHistory history = _history!;
        if (history.Failure is { } failure)
        {
            if (isGrpc)
            {
                call.SetTag("rpc.grpc.status_code", (int)CallErrors.StatusOf(failure));
            }

            if (history.RefusedBy is { } limit)
            {
                call.SetTag("mesh.limit", MetricNames.Of(limit));
            }

            SpanOutcome.Fail(call, MetricNames.Of(failure));
        }
        else if (history.AnsweredBy is { } by)
        {
            call.SetTag("mesh.answered_by", by);
            SpanOutcome.Write(call, ResponseOutcome.Of(_response!, isGrpc), isGrpc);
        }
        else
        {
            SpanOutcome.Write(call, HasNoAnswer ? new AttemptOutcome(AttemptResult.Cancelled) : _current.Outcome, isGrpc);
        }
    }

    // Of the key, which may be a person's: never the key.
    private void WriteHash(Activity span)
    {
        if (_hasHash || _hasKey)
        {
            span.SetTag("mesh.hash", _hash.ToString("x16", CultureInfo.InvariantCulture));
        }
    }
}

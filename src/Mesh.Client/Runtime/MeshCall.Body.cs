using System.Net;
using Mesh.Client.Grpc;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Runtime;

/// <summary>The end of a call: an endpoint is busy until the last byte, and a gRPC status may come only with the trailers.</summary>
internal sealed partial class MeshCall
{
    private CallGuard? _guard;

    private bool IsOver => Volatile.Read(ref _state) == Over;

    /// <summary>Hands the response to the caller: from here its body decides when the call ends.</summary>
    public HttpResponseMessage Deliver()
    {
        HttpResponseMessage response = _response!;
        ForgetFailure();

        // A retry by gRPC's own policy was paid for, and earns nothing.
        if (_history?.IsGrpcRetry != true)
        {
            Budget.Deposit(_current.Ended);
        }

        EditResponse(response);
        if (isGrpc)
        {
            // Only this process tells what it did.
            response.Headers.Remove(CallMetadata.Info);
        }

        if (_history?.WantsInfo == true)
        {
            response.Headers.TryAddWithoutValidation(CallMetadata.Info, CallMetadata.Write(ToInfo()));
        }

        if (IsUpgraded(response))
        {
            // What follows is another protocol, whose two directions the caller takes from the content itself.
            End(_current.Outcome.IsFailure);
            return response;
        }

        var content = new ObservedContent(response.Content, this);
        response.Content = content;
        if (HasNoBody(response, content))
        {
            End(_current.Outcome.IsFailure);
        }
        else
        {
            _guard = service.Services.Guards.Lend(this);
            _history?.Clock?.EnterBody(content);
        }

        return response;
    }

    /// <summary>A part of the body has come: a gRPC endpoint on probation has passed, however long the stream will be.</summary>
    public void BodyProgressed(int bytes)
    {
        TellFrame(bytes, isResponse: true);
        if (isGrpc && !IsOver)
        {
            _current.Endpoint.Pass(_current.Turn);
        }
    }

    /// <summary>The body was read to its end, or reading it failed.</summary>
    public void BodyEnded(Exception? error)
    {
        if (!IsOver)
        {
            // Cancelled by its reader: neither the endpoint's merit nor its fault.
            _current.Error = error;
            _current.Outcome = error switch
            {
                null => TrailersOutcome(),
                OperationCanceledException => new AttemptOutcome(AttemptResult.Cancelled),
                _ => new AttemptOutcome(AttemptResult.Reset),
            };
            End(_current.Outcome.IsFailure);
        }
    }

    /// <summary>The time ran out before the body had ended.</summary>
    /// <param name="kind">What ran out.</param>
    /// <param name="isEndpoints">Whether the endpoint was waited for, so that it is to blame.</param>
    public void BodyLate(TimeoutKind kind, TimeoutException reason, bool isEndpoints)
    {
        if (!IsOver)
        {
            _current.Error = reason;
            _current.Outcome = new AttemptOutcome(AttemptResult.Timeout, (int)kind);
            End(isEndpoints ? true : null);
        }
    }

    /// <summary>The caller let the response go, whether it had ended or not.</summary>
    public void BodyAbandoned()
    {
        if (!IsOver)
        {
            // A gRPC status that has not come yet stays unknown; an HTTP status came with the head.
            if (isGrpc && _current.Outcome.Kind is AttemptResult.Success)
            {
                _current.Outcome = new AttemptOutcome(AttemptResult.Cancelled);
            }

            End(isGrpc ? null : _current.Outcome.IsFailure);
        }
    }

    /// <summary>Ends a call that has no response to give; lets go of one that was about to be tried again.</summary>
    public void Abort()
    {
        _response?.Dispose();
        End(null, isGivenUp: _history is not { Failure: not null } and not { IsPart: true });
    }

    // Given up: by its caller, whatever its last attempt had said.
    private void End(bool? failed, bool isGivenUp = false)
    {
        byte before = Interlocked.Exchange(ref _state, Over);
        if (before != Over)
        {
            // Whatever throws, such as a listener to ejections: what was counted in is counted out all the same.
            try
            {
                if (before == Attempting)
                {
                    if (isGivenUp && _current.Outcome.Kind is AttemptResult.Success)
                    {
                        _current.Outcome = new AttemptOutcome(AttemptResult.Cancelled);
                    }

                    GiveBack(failed);
                }

                if (isGivenUp && IsWatched)
                {
                    (_history ??= new CallHistory()).IsGivenUp = true;
                }

                TellCallEnded();
            }
            finally
            {
                _history?.Limits?.Exit();
                service.Exit(_current.Ended);
                _history?.Clock?.Stop();

                // Forgotten too: an ended response that the caller keeps must not keep what watches another call by now.
                if (_guard is { } guard)
                {
                    _guard = null;
                    service.Services.Guards.Return(guard);
                }
            }
        }
    }

    private AttemptOutcome TrailersOutcome() =>
        isGrpc && _current.Outcome.Kind is AttemptResult.Success ? ResponseOutcome.OfTrailers(_response!) : _current.Outcome;

    private bool IsUpgraded(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.SwitchingProtocols
        || (request.Method == HttpMethod.Connect && response.IsSuccessStatusCode);

    // Nobody reads what is not there, so nobody would end the call. A gRPC status in the head means that no message follows.
    private bool HasNoBody(HttpResponseMessage response, ObservedContent content) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified
        || request.Method == HttpMethod.Head
        || content.IsEmpty
        || (isGrpc && ResponseOutcome.GrpcStatus(response.Headers) is not null);
}

using System.Runtime.InteropServices;
using Mesh.Client.Balancing;
using Mesh.Client.Grpc;
using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>The caller's request: what it says to the mesh, and what is changed on it while it is under way.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Whether the content is sent, as far as a bare handler would have waited for that.</summary>
    public bool IsSent => Content.IsSent;

    private ContentSwap Content => _history?.Content ?? ContentSwap.Nothing;

    private ReadOnlySpan<Mirror> Mirrors => CollectionsMarshal.AsSpan(_history?.Mirrors);

    /// <summary>Checks that the call may be made at all, and readies its content for being sent, perhaps more than once.</summary>
    /// <exception cref="Exception">A <see cref="MeshException"/> or its gRPC form: it may not.</exception>
    public void Prepare()
    {
        _asksForTls = RequestForm.AsksForTls(request.RequestUri!);
        if (_asksForTls && !service.Services.Credentials.IsEnabled)
        {
            throw CallErrors.NotSecured(this);
        }

        ThrowIfPassed();
        if (request.Version.Major > 2 && request.VersionPolicy is not HttpVersionPolicy.RequestVersionOrLower)
        {
            throw CallErrors.Http3(this);
        }

        // gRPC's own retry policy above us spends from the same budget.
        if (isGrpc && GrpcRequest.PreviousAttempts(request) > 0)
        {
            (_history ??= new CallHistory()).IsGrpcRetry = true;
            if (!Budget.TryWithdraw(service.Now))
            {
                service.CountRetry(RetryResult.DeniedBudget);
                throw CallErrors.BudgetSpent(this);
            }
        }

        if (isGrpc && GrpcRequest.TakeInfoWanted(request))
        {
            (_history ??= new CallHistory()).WantsInfo = true;
        }

        ReadKey();
        ContentSwap content = ContentSwap.Apply(
            request,
            Retry.Rules.AnyRetry,
            isGrpc ? CallErrors.BrokenWhileWritten : null,
            WatchesSending ? this : null,
            Retry.Rules.Policy.MaxBodyBytes);
        if (content != ContentSwap.Nothing)
        {
            (_history ??= new CallHistory()).Content = content;
        }

        foreach (Mirror mirror in Mirrors)
        {
            mirror.Attach(request);
        }
    }

    private void ReadKey()
    {
        string? grpcKey = isGrpc ? GrpcRequest.TakeHashKey(request) : null;
        if (grpcKey is not null)
        {
            (_history ??= new CallHistory()).GrpcKey = grpcKey;
        }

        if ((grpcKey ?? MeshHttpMessageExtensions.HashKeyOf(request)) is { } key)
        {
            _hash = RequestHash.Of(key);
            _hasKey = true;
        }
    }

    /// <summary>Sends the request over the attempt's connections, in the form that the endpoint's framing asks for.</summary>
    public Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        if (_history is { } history)
        {
            EditForBackend(history);
        }

        EndpointTransport transport = _current.Endpoint.Transport;
        if (transport.IsSecured || _history?.Form is not null || RequestForm.TakesEither(request.RequestUri!))
        {
            Reshape(transport.Framing);
        }

        if (_history is not null || Retry.Rules.Policy.TryTimeout is not null)
        {
            cancellationToken = BeginAttemptTime(_history ??= new CallHistory(), cancellationToken);
        }

        return _current.Pool.SendAsync(ToSend(transport), cancellationToken);
    }

    /// <summary>
    /// What became of the attempt. What the caller's content threw is the caller's, whatever it looks like, unless the time had run out and
    /// with it what the content wrote to; and a content that has begun cannot begin again elsewhere, though the connection never carried
    /// it.
    /// </summary>
    public AttemptResult Classify(Exception exception, CancellationToken caller)
    {
        caller = Clock?.Caller ?? caller;
        if (!caller.IsCancellationRequested && IsLate)
        {
            return AttemptResult.Timeout;
        }

        if (Content.Failure is { } own)
        {
            for (Exception? e = exception; e is not null; e = e.InnerException)
            {
                if (ReferenceEquals(e, own))
                {
                    return AttemptResult.Cancelled;
                }
            }
        }

        if (!caller.IsCancellationRequested && ContentSpentException.IsIn(exception))
        {
            return AttemptResult.Refused;
        }

        // The handler cancels a content whose stream the peer has ended, and may throw that on to a caller who cancelled nothing.
        if (!caller.IsCancellationRequested && exception is OperationCanceledException && Content.IsInterrupted)
        {
            return AttemptResult.Reset;
        }

        AttemptResult result = AttemptFailure.Classify(exception, _current.Endpoint.IsSecured, caller);
        return result is AttemptResult.ConnectFailure && !Content.CanReplay ? AttemptResult.Reset : result;
    }

    /// <summary>Completes when the content is sent, where a bare handler would have waited for that.</summary>
    public ValueTask WhenSentAsync(CancellationToken cancellationToken) => Content.WhenSentAsync(cancellationToken);

    /// <summary>Gives the caller its request back as it was.</summary>
    public void Restore()
    {
        if (_history is not { } history)
        {
            return;
        }

        history.Deadline?.Restore(request);
        history.Form?.Restore(request);
        history.Edits?.LeaveBackend();
        foreach (Mirror mirror in Mirrors)
        {
            mirror.Detach(request);
        }

        history.Content.Restore();
        history.Edits?.Restore();
        if (history.GrpcKey is not null || history.WantsInfo)
        {
            GrpcRequest.GiveBack(request, history.GrpcKey, history.WantsInfo);
        }
    }

    private void Reshape(Framing framing)
    {
        // As the caller made it first: an earlier endpoint's framing may have been another.
        _history?.Form?.Restore(request);
        if (RequestForm.Adapt(request, framing) is { } form)
        {
            (_history ??= new CallHistory()).Form = form;
        }
        else if (_history is not null)
        {
            _history.Form = null;
        }
    }
}

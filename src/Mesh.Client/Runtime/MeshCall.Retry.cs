using Mesh.Client.Grpc;
using Mesh.Client.Resilience;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>What the retry schedule asks of a call whose attempt failed.</summary>
internal sealed partial class MeshCall : IRetriedCall
{
    private ContentSwap _content;

    /// <summary>What the connection threw in the last attempt; null when it was answered.</summary>
    public Exception? Error { get; set; }

    bool IRetriedCall.ShouldRetry
    {
        get
        {
            if (!MayRetry())
            {
                return false;
            }

            bool covered = service.Budget.TryWithdraw(service.Now);
            if (!covered)
            {
                service.Metrics.Retry(service.Name.Authority, RetryResult.DeniedBudget);
            }

            return covered;
        }
    }

    bool IRetriedCall.NextIsFresh
    {
        get
        {
            LeaveEndpoint();
            return HasFreshEndpoint();
        }
    }

    RetryHint IRetriedCall.Hint => Hint;

    private RetryHint Hint => _response is { } response ? RetryAfterHint.Read(response, service.Time) : RetryHint.None;

    /// <summary>Checks that the call may be made at all, and readies its content for being sent, perhaps more than once.</summary>
    /// <exception cref="Exception">A <see cref="MeshException"/> or its gRPC form: it may not.</exception>
    public void Prepare()
    {
        // ClientWebSocket leaves its scheme in place.
        if (request.RequestUri!.Scheme is not ("http" or "ws"))
        {
            throw CallErrors.NotSecured(this);
        }

        // gRPC's own retry policy above us spends from the same budget.
        if (isGrpc && GrpcRequest.PreviousAttempts(request) > 0 && !service.Budget.TryWithdraw(_started))
        {
            service.Metrics.Retry(service.Name.Authority, RetryResult.DeniedBudget);
            throw CallErrors.BudgetSpent(this);
        }

        _content = ContentSwap.Apply(request, _snapshot.Retry.Rules.AnyRetry);
    }

    /// <summary>Whether the content is sent, as far as a bare handler would have waited for that.</summary>
    public bool IsSent => _content.IsSent;

    /// <summary>Completes when the content is sent, where a bare handler would have waited for that.</summary>
    public ValueTask WhenSentAsync(CancellationToken cancellationToken) => _content.WhenSentAsync(cancellationToken);

    /// <summary>Gives the caller its request back as it was.</summary>
    public void RestoreContent() => _content.Restore();

    /// <summary>Whether the attempt failed in a way that allows another, the budget aside.</summary>
    public bool MayRetry()
    {
        RetryRules rules = _snapshot.Retry.Rules;
        if (!rules.Allows(request, _current.Outcome, isGrpc, replayable: true))
        {
            return false;
        }

        RetryResult? denied = !_content.CanReplay ? RetryResult.DeniedBody : !rules.Allows(Hint) ? RetryResult.DeniedRetryAfter : null;
        if (denied is { } reason)
        {
            service.Metrics.Retry(service.Name.Authority, reason);
        }

        return denied is null;
    }

    async ValueTask IRetriedCall.NextAttemptAsync(CancellationToken cancellationToken)
    {
        LeaveEndpoint();
        if (!HasFreshEndpoint())
        {
            ForgetTried();
        }

        _response?.Dispose();
        _response = null;
        await CallRunner.RunAsync(this, first: false, cancellationToken).ConfigureAwait(false);
        service.Metrics.Retry(
            service.Name.Authority, _current.Outcome.Kind is AttemptResult.Success ? RetryResult.Success : RetryResult.Failure);
    }
}

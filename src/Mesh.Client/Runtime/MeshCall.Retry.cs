using Mesh.Client.Resilience;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>What the retry schedule asks of a call whose attempt failed.</summary>
internal sealed partial class MeshCall : IRetriedCall
{
    /// <summary>What the connection threw in the last attempt; null when it was answered.</summary>
    public Exception? Error => _current.Error;

    /// <summary>Whether the attempt under way is not the call's first.</summary>
    public bool IsRetrying => _history?.IsRetrying == true;

    bool IRetriedCall.ShouldRetry
    {
        get
        {
            if (!MayRetry())
            {
                return false;
            }

            bool covered = Budget.TryWithdraw(service.Now);
            if (!covered)
            {
                CountRetry(RetryResult.DeniedBudget);
                TraceDenied(RetryResult.DeniedBudget);
            }

            return covered;
        }
    }

    void IRetriedCall.Spent()
    {
        if (service.Services.Observers is { AreEnabled: true } observers
            && Retry.Rules.Allows(request, _current.Outcome, isGrpc, Content.CanReplay))
        {
            observers.RetriesSpent(this);
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

    /// <summary>Whether the attempt failed in a way that allows another, the budget aside.</summary>
    public bool MayRetry()
    {
        RetryRules rules = Retry.Rules;
        if (!rules.Allows(request, _current.Outcome, isGrpc, replayable: true))
        {
            return false;
        }

        RetryResult? denied = !Content.CanReplay ? RetryResult.DeniedBody : !rules.Allows(Hint) ? RetryResult.DeniedRetryAfter : null;
        if (denied is { } reason)
        {
            CountRetry(reason);
            TraceDenied(reason);
        }

        return denied is null;
    }

    async ValueTask IRetriedCall.NextAttemptAsync(CancellationToken cancellationToken)
    {
        LeaveEndpoint();
        if (_history!.Unreached is { } unreached)
        {
            unreached.Crowded = null;
        }

        if (!HasFreshEndpoint())
        {
            ForgetTried();
        }

        _response?.Dispose();
        _response = null;
        _history.IsRetrying = true;
        _history.Retries++;
        int earlier = _history.Earlier?.Count ?? 0;
        RetryResult result = RetryResult.Failure;
        try
        {
            await CallRunner.RunAsync(this, cancellationToken).ConfigureAwait(false);
            result = _current.Outcome is { IsFailure: false, IsOverload: false } ? RetryResult.Success : RetryResult.Failure;
        }
        finally
        {
            _history.IsRetrying = false;

            // Nothing came of it that could be counted where no endpoint was picked.
            if (_history.Earlier?.Count > earlier)
            {
                CountRetry(result);
            }
        }
    }
}

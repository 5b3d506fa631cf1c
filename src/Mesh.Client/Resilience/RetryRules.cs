using Mesh.Client.Model;

namespace Mesh.Client.Resilience;

/// <summary>
/// Whether a failed attempt may be tried again without harm. The budget, the number of retries and the caller's cancellation
/// are not asked here.
/// </summary>
/// <remarks>
/// An outcome must be among the policy's conditions and the body must be there to send again. Then: what was provably not
/// processed may be retried whatever the method; a gRPC status named by the policy is the policy's word; all else may have
/// been processed, and only methods in <see cref="RetryPolicy.Methods"/> may be sent twice. So a DELETE or a POST that may have
/// been carried out is not sent again, and neither is a gRPC call that broke off, unless the policy lists POST.
/// A <see cref="RetryPolicy.TryTimeout"/> is the policy's word too: what ran out of it may be tried again whatever the conditions say,
/// and the other times of an attempt only where they do.
/// </remarks>
internal sealed class RetryRules(RetryPolicy policy)
{
    private static readonly RetryRules Default = new(RetryPolicy.Default);

    private readonly RetryConditions _conditions = RetryConditions.Parse(policy.On);

    public RetryPolicy Policy { get; } = policy;

    /// <summary>The rules of a policy; most services share those that are built in.</summary>
    public static RetryRules Of(RetryPolicy policy) => ReferenceEquals(policy, RetryPolicy.Default) ? Default : new RetryRules(policy);

    /// <summary>
    /// Whether any outcome at all could be retried, so whether the body is worth a copy while it is sent. A method that may
    /// not be sent twice can still be refused.
    /// </summary>
    public bool AnyRetry => Policy.MaxRetries > 0 && (Policy.TryTimeout is not null || !Policy.On.IsDefaultOrEmpty);

    /// <summary>Whether an attempt of this request may be followed by another.</summary>
    /// <param name="request">The request; only its method is read.</param>
    /// <param name="outcome">How the attempt ended. A gRPC status counts only when no message came before it (trailers only).</param>
    /// <param name="isGrpc">Whether it is a gRPC call.</param>
    /// <param name="replayable">Whether its body can be sent again, see <see cref="ContentSwap.CanReplay"/>.</param>
    public bool Allows(HttpRequestMessage request, in AttemptOutcome outcome, bool isGrpc, bool replayable)
    {
        // Whoever limits a try wants another.
        bool isLate = outcome == AttemptOutcome.OutOfTry && Policy.TryTimeout is not null;
        if (!replayable || !AnyRetry || !(isLate || _conditions.Matches(outcome)))
        {
            return false;
        }

        return outcome.Kind switch
        {
            AttemptResult.Timeout when isGrpc && isLate => true,
            AttemptResult.Refused or AttemptResult.ConnectFailure => true,
            AttemptResult.GrpcStatus when isGrpc => true,
            AttemptResult.Success or AttemptResult.Cancelled => false,
            _ => MayBeSentTwice(request.Method),
        };
    }

    /// <summary>Whether a server's hint leaves room for a retry: it did not forbid one, nor ask to wait too long.</summary>
    public bool Allows(in RetryHint hint) => hint.Kind != RetryHintKind.Never && hint.Delay <= Policy.MaxRetryAfter;

    /// <summary>Whether the policy lists the method as one that may be carried out twice.</summary>
    public bool MayBeSentTwice(HttpMethod method)
    {
        foreach (string name in Policy.Methods)
        {
            if (name == RetryPolicy.AnyMethod || string.Equals(name, method.Method, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

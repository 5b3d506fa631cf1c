using Mesh.Client.Model;
using Polly;
using Polly.Retry;

namespace Mesh.Client.Resilience;

/// <summary>
/// The retry schedule: how often and when what failed is tried again. It is entered only after a first attempt that failed, since
/// an empty Polly pipeline alone costs more than all of the rest of a call that succeeds.
/// </summary>
/// <remarks>
/// An endpoint not tried before is asked at once; else the wait is drawn from 0 to min(MaxBackoff, MinBackoff·2ⁿ) (full jitter).
/// A server's hint is the least wait in both cases, and ends the call when it is longer than
/// <see cref="RetryPolicy.MaxRetryAfter"/>.
/// </remarks>
internal sealed class RetryPipeline
{
    private static readonly ResiliencePropertyKey<Execution> Key = new("mesh.retry");

    private static readonly Func<double> Shared = Random.Shared.NextDouble;

    private readonly RetryRules _rules;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private ResiliencePipeline<bool>? _pipeline;

    /// <param name="rules">The policy's rules.</param>
    /// <param name="time">What waits are measured by.</param>
    /// <param name="random">Numbers from 0 to 1; the default is <see cref="Random.Shared"/>.</param>
    public RetryPipeline(RetryRules rules, TimeProvider time, Func<double>? random = null)
    {
        _rules = rules;
        _time = time;
        _random = random ?? Shared;
    }

    /// <summary>What the schedule decides by.</summary>
    public RetryRules Rules => _rules;

    /// <summary>Retries a call whose first attempt failed until it should not be retried any more.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up while another attempt was due.</exception>
    public async ValueTask RunAsync(IRetriedCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_rules.Policy.MaxRetries == 0)
        {
            return;
        }

        // Made for the first retry: many a service never needs one.
        ResiliencePipeline<bool> pipeline = LazyInitializer.EnsureInitialized(ref _pipeline, Build);
        var execution = new Execution(this, call);
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            context.Properties.Set(Key, execution);
            Outcome<bool> outcome = await pipeline.ExecuteOutcomeAsync(
                static (context, execution) => execution.AttemptAsync(context.CancellationToken), context, execution).ConfigureAwait(false);
            outcome.ThrowIfException();
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<bool> Build() => new ResiliencePipelineBuilder<bool> { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions<bool>
        {
            MaxRetryAttempts = _rules.Policy.MaxRetries,
            Delay = TimeSpan.Zero,
            ShouldHandle = static args => new(ShouldRetry(args)),
            DelayGenerator = static args => new(Get(args.Context).Delay(args.AttemptNumber)),
        })
        .Build();

    private static Execution Get(ResilienceContext context) => context.Properties.GetValue(Key, null!);

    private static bool ShouldRetry(RetryPredicateArguments<bool> args) =>
        args.Outcome.Exception is null && Get(args.Context).IsDue(args.AttemptNumber);

    private sealed class Execution(RetryPipeline pipeline, IRetriedCall call)
    {
        private bool _began;

        public async ValueTask<Outcome<bool>> AttemptAsync(CancellationToken cancellationToken)
        {
            // Polly's first attempt is the one that was made before the pipeline was entered.
            if (_began)
            {
                await call.NextAttemptAsync(cancellationToken).ConfigureAwait(false);
            }

            _began = true;
            return Outcome.FromResult(true);
        }

        public bool IsDue(int attempt)
        {
            if (attempt >= pipeline._rules.Policy.MaxRetries)
            {
                call.Spent();
                return false;
            }

            return pipeline._rules.Allows(call.Hint) && call.ShouldRetry;
        }

        public TimeSpan? Delay(int attempt)
        {
            TimeSpan delay = TimeSpan.Zero;
            if (!call.NextIsFresh)
            {
                RetryPolicy policy = pipeline._rules.Policy;
                double ceiling = Math.Min(policy.MaxBackoff.Ticks, policy.MinBackoff.Ticks * Math.Pow(2, attempt));
                delay = TimeSpan.FromTicks((long)(ceiling * pipeline._random()));
            }

            TimeSpan hint = call.Hint.Delay;
            return delay > hint ? delay : hint;
        }
    }
}

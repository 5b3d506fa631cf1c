using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience.Hedging;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>
/// A call whose first attempt is given a time, after which a second is started beside it; the first good answer is the call's (Dean and
/// Barroso, The Tail at Scale, 2013). An attempt that fails is followed by the next at once (gRPC proposal A6); where no endpoint is left
/// for that, by the retry schedule.
/// </summary>
internal sealed class HedgedCall
{
    private readonly MeshCall _call;
    private readonly RoutePlan _route;
    private readonly HedgingPolicy _policy;
    private readonly int _matched;
    private readonly List<HedgeLeg> _legs = [];
    private readonly CancellationToken _caller;
    private bool _mayStart = true;

    private HedgedCall(MeshCall call, RoutePlan route, HedgingPolicy policy, int matched, CancellationToken caller)
    {
        _call = call;
        _route = route;
        _policy = policy;
        _matched = matched;
        _caller = caller;
    }

    /// <summary>Whether the request may be under way twice: its method may be sent twice, and its body is there for that.</summary>
    public static bool Suits(RoutePlan route, HttpRequestMessage request) =>
        route.Policy.Hedging is not null && route.Retry.Rules.MayBeSentTwice(request.Method) && RequestCopies.AreFor(request);

    /// <param name="call">The call on the caller's request, which stays as it is: copies are sent. Ended here.</param>
    /// <param name="route">One with a hedging policy.</param>
    /// <param name="matched">How much of the path the route's prefix took.</param>
    /// <param name="caller">The caller's token.</param>
    public static Task<HttpResponseMessage> RunAsync(MeshCall call, RoutePlan route, int matched, CancellationToken caller) =>
        new HedgedCall(call, route, route.Policy.Hedging!, matched, caller).RunAsync();

    private async Task<HttpResponseMessage> RunAsync()
    {
        HedgeLeg? winner = null;
        try
        {
            RequestCopies copies = await RequestCopies.OfAsync(_call.Request, _caller).ConfigureAwait(false);
            HedgeLeg first = Next(copies);
            first.Call.StartMirrors(_route);
            Start(first);
            winner = await RaceAsync(copies).ConfigureAwait(false);
            Report(winner);
            winner.Call.Succeed(_call);
            HttpResponseMessage response = await winner.DeliverAsync(_legs).ConfigureAwait(false);
            _legs.Remove(winner);
            response.RequestMessage = _call.Request;
            return response;
        }
        finally
        {
            if (winner is null)
            {
                Count(null);
                _legs.ForEach(leg => _call.GiveUpWith(leg.Call));
            }

            _legs.ForEach(leg => _ = leg.GiveUpAsync());
            _call.Abort();
        }
    }

    private async Task<HedgeLeg> RaceAsync(RequestCopies copies)
    {
        int ended = 0;
        while (true)
        {
            await WaitAsync(ended).ConfigureAwait(false);
            _caller.ThrowIfCancellationRequested();
            if (_legs.Find(leg => leg.IsFinal) is { } final)
            {
                return final;
            }

            // The latest is slow, or one has failed.
            ended = _legs.Count(leg => leg.Ended.IsCompleted);
            _mayStart = _mayStart && _legs.Count < _policy.MaxAttempts && TryStartNext(copies);
            if (ended == _legs.Count)
            {
                // What was answered says more than what was not.
                return _legs.FindLast(leg => leg.Call.IsAnswered) ?? _legs[^1];
            }
        }
    }

    // Until one more has ended, or the latest has had its time.
    private async Task WaitAsync(int ended)
    {
        List<Task> ends = _legs.ConvertAll(leg => leg.Ended);
        ends.RemoveAll(end => end.IsCompleted);
        if (_legs.Count - ends.Count > ended)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_caller);
        if (_mayStart && _legs.Count < _policy.MaxAttempts && Delay() is { } delay)
        {
            ends.Add(Task.Delay(delay, _call.Service.Time, stop.Token));
        }

        await Task.WhenAny(ends).ConfigureAwait(false);

        // Nothing but the delay is told, and nobody waits for that any more.
        stop.Cancel();
    }

    // Null: not known yet, so nothing is hedged for being slow.
    private TimeSpan? Delay() => _policy.Percentile is not { } share ? _policy.Delay
        : _route.Latencies!.Quantile(share) is { } usual ? (usual > _policy.Delay ? usual : _policy.Delay)
        : _policy.Delay > TimeSpan.Zero ? _policy.Delay : null;

    private HedgeLeg Next(RequestCopies copies) => new(_call.Beside(copies.Make(), _matched, isFirst: _legs.Count == 0), _caller);

    private bool TryStartNext(RequestCopies copies)
    {
        // No time is left for another, or no copy of the body.
        if (copies.IsOnlyOne || _legs.Exists(leg => leg.Call.Clock is { HasFired: true }))
        {
            return false;
        }

        HedgeLeg next = Next(copies);
        if (!_legs.TrueForAll(leg => next.Call.GoAround(leg.Call)))
        {
            next.Drop();
            return false;
        }

        if (!_call.TryPay())
        {
            _call.Service.Metrics.Hedge(_call.Service.Name.Authority, HedgeResult.DeniedBudget);
            _call.TraceDenied(RetryResult.DeniedBudget);
            next.Drop();
            return false;
        }

        Start(next);
        return true;
    }

    private void Start(HedgeLeg leg)
    {
        _legs.Add(leg);
        leg.Start();
    }

    // Of those that were started beside another. Null: the caller did not wait for any.
    private void Count(HedgeLeg? winner)
    {
        for (int i = 1; i < _legs.Count; i++)
        {
            _call.Service.Metrics.Hedge(_call.Service.Name.Authority, ResultOf(_legs[i], winner));
        }
    }

    // The last of those that all failed is the call's, and has won nothing.
    private static HedgeResult ResultOf(HedgeLeg leg, HedgeLeg? winner) =>
        leg == winner && leg is { IsFinal: true, Call.Outcome.IsFailure: false } ? HedgeResult.Won : HedgeResult.Lost;

    private void Report(HedgeLeg winner)
    {
        for (int i = 0; i < _legs.Count && _legs.Count > 1; i++)
        {
            _legs[i].Call.TraceHedge(ResultOf(_legs[i], winner));
        }

        Count(winner);

        // The first took at least as long when another has overtaken it: left out, it would make the usual look shorter than it is.
        if (_legs[0].Call.IsWorthKnowing)
        {
            _route.Latencies?.Record(_legs[0].Call.Elapsed);
        }
    }
}

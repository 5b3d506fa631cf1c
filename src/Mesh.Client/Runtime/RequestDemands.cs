using System.Collections.Immutable;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>What a request's own headers ask of the mesh, by Linkerd's names. None of those that are heeded is sent.</summary>
internal sealed class RequestDemands
{
    /// <summary>Who must answer; null: whoever does.</summary>
    public RequiredIdentity? Identity { get; private init; }

    /// <summary>In place of the call's own schedule; null: that stands.</summary>
    public RetryPipeline? Retry { get; private init; }

    /// <summary>In place of the call's own; null: those stand.</summary>
    public TimeoutPolicy? Timeouts { get; private init; }

    /// <summary>Whether the headers that change retries and timeouts were heeded.</summary>
    public bool AreAllowed { get; private init; }

    /// <summary>Null: the request has no such header.</summary>
    /// <param name="retry">The schedule of the call without them.</param>
    /// <param name="timeouts">Its timeouts without them.</param>
    /// <param name="allowed">Whether headers may change these.</param>
    public static RequestDemands? Read(
        HttpRequestMessage request, RetryPipeline retry, TimeoutPolicy timeouts, bool allowed, TimeProvider time)
    {
        string? identity = LinkerdHeaders.Text(request, LinkerdHeaders.RequireId);
        bool hasOverrides = allowed && LinkerdHeaders.HasOverride(request);
        return identity is null && !hasOverrides ? null : new RequestDemands
        {
            Identity = identity is null ? null : new RequiredIdentity(identity),
            Retry = hasOverrides ? Over(retry, request, time) : null,
            Timeouts = hasOverrides ? Over(timeouts, request) : null,
            AreAllowed = allowed,
        };
    }

    /// <summary>Whether a header is for the mesh alone.</summary>
    public bool Takes(string name) =>
        name.Equals(LinkerdHeaders.RequireId, StringComparison.OrdinalIgnoreCase)
        || (AreAllowed && LinkerdHeaders.IsOverride(name));

    /// <summary>Takes these headers off a request.</summary>
    public void TakeOff(HttpRequestMessage request)
    {
        request.Headers.Remove(LinkerdHeaders.RequireId);
        foreach (string name in AreAllowed ? LinkerdHeaders.Overrides : [])
        {
            request.Headers.Remove(name);
        }
    }

    private static TimeoutPolicy? Over(TimeoutPolicy timeouts, HttpRequestMessage request)
    {
        TimeSpan? whole = LinkerdHeaders.Time(request, LinkerdHeaders.RequestTimeout)
            ?? LinkerdHeaders.Time(request, LinkerdHeaders.Timeout);
        TimeSpan? response = LinkerdHeaders.Time(request, LinkerdHeaders.ResponseTimeout);
        TimeoutPolicy own = timeouts with { Request = whole ?? timeouts.Request, Response = response ?? timeouts.Response };
        return own == timeouts ? null : own;
    }

    private static RetryPipeline? Over(RetryPipeline retry, HttpRequestMessage request, TimeProvider time)
    {
        RetryPolicy policy = retry.Rules.Policy;
        ImmutableArray<string> http = LinkerdHeaders.Conditions(request, LinkerdHeaders.RetryHttp, isGrpc: false);
        ImmutableArray<string> grpc = LinkerdHeaders.Conditions(request, LinkerdHeaders.RetryGrpc, isGrpc: true);
        int? limit = LinkerdHeaders.Limit(request);
        TimeSpan? tryTimeout = LinkerdHeaders.Time(request, LinkerdHeaders.RetryTimeout);
        if (http.IsDefault && grpc.IsDefault && limit is null && tryTimeout is null)
        {
            return null;
        }

        // A route that retries nothing is made one that does, once unless told otherwise, and who asks for it knows the request.
        bool retries = policy is { MaxRetries: > 0, On.IsEmpty: false };
        RetryPolicy own = (retries ? policy : policy with { MaxRetries = 1, On = [] }) with
        {
            TryTimeout = tryTimeout ?? policy.TryTimeout,
        };
        own = own with { MaxRetries = limit ?? own.MaxRetries };
        if (!http.IsDefault || !grpc.IsDefault)
        {
            own = own with { On = Conditions(own.On, http, grpc), Methods = [request.Method.Method] };
        }

        return own == policy ? null : new RetryPipeline(RetryRules.Of(own), time);
    }

    // What is said of answers stands in place of what was; of what is no answer the policy's word stands.
    private static ImmutableArray<string> Conditions(ImmutableArray<string> own, ImmutableArray<string> http, ImmutableArray<string> grpc)
    {
        IEnumerable<string> conditions = own.Where(name =>
            RetryConditionNames.IsGrpcStatus(name) ? grpc.IsDefault : http.IsDefault || RetryConditionNames.IsNoAnswer(name));
        return [.. conditions, .. http.IsDefault ? [] : http, .. grpc.IsDefault ? [] : grpc];
    }
}

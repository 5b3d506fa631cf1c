using Mesh.Client.Model;
using Mesh.Client.Resilience;
using GrpcRetry = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoute.Types.Retry;
using HttpRetry = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoute.Types.Retry;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes retries: HTTP statuses or gRPC's, as the route is. Null: nothing that the wire could name is retried.</summary>
internal static class RouteRetryWriter
{
    private const int FirstStatus = 100;
    private const int LastStatus = 599;
    private const int Cancelled = 1, DeadlineExceeded = 4, ResourceExhausted = 8, Internal = 13, Unavailable = 14;

    public static HttpRetry? Http(RetryPolicy policy, LeftOut leftOut)
    {
        RetryConditions on = RetryConditions.Parse(policy.On);
        HttpRetry.Types.Conditions conditions = new();
        foreach ((int first, int last) in StatusRanges.Find(
            FirstStatus, LastStatus, status => on.Matches(new AttemptOutcome(AttemptResult.HttpStatus, status))))
        {
            conditions.StatusRanges.Add(new HttpRetry.Types.Conditions.Types.StatusRange { Start = (uint)first, End = (uint)last });
        }

        if (policy.MaxRetries == 0 || (conditions.StatusRanges.Count == 0 && policy.TryTimeout is null))
        {
            return null;
        }

        Check(policy, leftOut);
        return new HttpRetry
        {
            MaxRetries = (uint)policy.MaxRetries,
            MaxRequestBytes = (uint)policy.MaxBodyBytes,
            Conditions = conditions,
            Timeout = WireDurations.Write(policy.TryTimeout),
            Backoff = WireBackoff.Write(policy.MinBackoff, policy.MaxBackoff, 1),
        };
    }

    public static GrpcRetry? Grpc(RetryPolicy policy, LeftOut leftOut)
    {
        RetryConditions on = RetryConditions.Parse(policy.On);
        var conditions = new GrpcRetry.Types.Conditions
        {
            Cancelled = Named(Cancelled),
            DeadineExceeded = Named(DeadlineExceeded),
            ResourceExhausted = Named(ResourceExhausted),
            Internal = Named(Internal),
            Unavailable = Named(Unavailable),
        };
        if (policy.MaxRetries == 0 || (conditions.CalculateSize() == 0 && policy.TryTimeout is null))
        {
            return null;
        }

        Check(policy, leftOut);
        return new GrpcRetry
        {
            MaxRetries = (uint)policy.MaxRetries,
            MaxRequestBytes = (uint)policy.MaxBodyBytes,
            Conditions = conditions,
            Timeout = WireDurations.Write(policy.TryTimeout),
            Backoff = WireBackoff.Write(policy.MinBackoff, policy.MaxBackoff, 1),
        };

        bool Named(int status) => on.Matches(new AttemptOutcome(AttemptResult.GrpcStatus, status));
    }

    private static void Check(RetryPolicy policy, LeftOut leftOut)
    {
        leftOut.Add("Retry:Budget", policy.Budget != RetryBudgetPolicy.Default);
        leftOut.Add("Retry:MaxRetryAfter", policy.MaxRetryAfter != RetryPolicy.Default.MaxRetryAfter);
    }
}

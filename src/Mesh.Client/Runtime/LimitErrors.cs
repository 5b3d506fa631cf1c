using System.Globalization;
using Grpc.Core;
using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>Says which limit a call met, where it stands, and what to do. As HTTP or as gRPC expects it.</summary>
internal static class LimitErrors
{
    /// <summary>A call that was not let in, of which nothing was tried.</summary>
    public static Exception Refused(MeshCall call, ServiceLimits limits, LimitRefusal refusal)
    {
        call.Fail(MeshFailure.Limit, refusal.Limit);
        string name = call.Service.Name.Authority;
        string message = $"{name}: {Words(limits, refusal)}";
        return call.IsGrpc
            ? new RpcException(new Status(StatusCode.ResourceExhausted, message))
            : new MeshException(name, MeshFailure.Limit, message, call.ToInfo()) { Limit = refusal.Limit.ToString() };
    }

    /// <summary>What <see cref="LimitKind.MaxRequestsPerEndpoint"/> says.</summary>
    public static string Full(string backend, int perEndpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"refused by Limits:MaxRequestsPerEndpoint of {backend}, {perEndpoint}: every available endpoint has as many requests under way. "
            + $"Add endpoints, or raise it.");

    /// <summary>What <see cref="LimitKind.MaxConnectionsPerEndpoint"/> says.</summary>
    public static string Crowded(string backend, int perEndpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"refused by Limits:MaxConnectionsPerEndpoint of {backend}, {perEndpoint}: the call needs one more connection, and no available "
            + $"endpoint may have one. Add endpoints, or raise it.");

    private static string Words(ServiceLimits limits, LimitRefusal refusal)
    {
        LimitPolicy policy = limits.Policy;
        IFormatProvider words = CultureInfo.InvariantCulture;
        return refusal.Limit switch
        {
            LimitKind.MaxRequests => string.Create(
                words,
                $"refused by Limits:MaxRequests, {policy.MaxRequests}: {refusal.InFlight} calls are under way. "
                    + $"Send fewer at once, raise it, or let some wait with Limits:MaxWaiting."),
            LimitKind.MaxWaiting => string.Create(
                words,
                $"refused by Limits:MaxWaiting, {policy.MaxWaiting}: {refusal.Waiting} calls wait for one of {refusal.InFlight} under way "
                    + $"to end. Send fewer at once, or raise it or Limits:MaxRequests."),
            LimitKind.Rate => string.Create(
                words,
                $"refused by Limits:Rate, {policy.Rate!.PermitsPerSecond} calls per second and {policy.Rate.Burst} at once: "
                    + $"the next may be made in {refusal.RetryAfter.TotalSeconds:0.###} s. Call less often, or raise it."),
            _ => string.Create(
                words,
                $"refused by Limits:Adaptive, now {limits.Adaptive!.Limit} of {policy.Adaptive!.MinLimit} to {policy.Adaptive.MaxLimit}: "
                    + $"{refusal.InFlight} calls are under way, and are answered in {Milliseconds(limits.Adaptive.Latest)} ms where "
                    + $"{Milliseconds(limits.Adaptive.Usual)} ms is usual. The service is overloaded or slow: send less, or add "
                    + $"endpoints."),
        };
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.#", CultureInfo.InvariantCulture);
}

using Mesh.Client.Model;

namespace Mesh.Client.Telemetry;

/// <summary>Enumerations as attribute values: fixed strings, so that a measurement allocates none.</summary>
internal static class MetricNames
{
    public static string Of(PickReason reason) => reason switch
    {
        PickReason.Hash => "hash",
        PickReason.HashFailover => "hash_failover",
        PickReason.RoundRobin => "round_robin",
        PickReason.LeastLoad => "least_load",
        PickReason.BoundedLoad => "bounded_load",
        PickReason.Random => "random",
        PickReason.Custom => "custom",
        _ => "panic",
    };

    public static string Of(AttemptResult outcome) => outcome switch
    {
        AttemptResult.Success => "success",
        AttemptResult.HttpStatus => "http_status",
        AttemptResult.GrpcStatus => "grpc_status",
        AttemptResult.ConnectFailure => "connect_failure",
        AttemptResult.Refused => "refused_stream",
        AttemptResult.Reset => "reset",
        AttemptResult.Cancelled => "cancelled",
        AttemptResult.Timeout => "timeout",
        _ => "other",
    };

    public static string Of(BalancerFault fault) => fault switch
    {
        BalancerFault.NotMade => "not_made",
        BalancerFault.Threw => "threw",
        BalancerFault.OutOfRange => "out_of_range",
        _ => "unavailable",
    };

    public static string Of(HedgeResult result) => result switch
    {
        HedgeResult.Won => "won",
        HedgeResult.Lost => "lost",
        _ => "denied_budget",
    };

    public static string Of(MirrorOutcome outcome) => outcome switch
    {
        MirrorOutcome.Success => "success",
        MirrorOutcome.Failed => "failed",
        MirrorOutcome.TooLong => "body_too_long",
        MirrorOutcome.NoBody => "body_not_sent",
        _ => "too_many",
    };

    public static string Of(LimitKind limit) => limit switch
    {
        LimitKind.MaxRequests => "max_requests",
        LimitKind.MaxWaiting => "max_waiting",
        LimitKind.Rate => "rate",
        LimitKind.Adaptive => "adaptive",
        LimitKind.MaxRequestsPerEndpoint => "max_requests_per_endpoint",
        _ => "max_connections_per_endpoint",
    };

    public static string Of(RetryResult result) => result switch
    {
        RetryResult.Success => "success",
        RetryResult.Failure => "failure",
        RetryResult.DeniedBudget => "denied_budget",
        RetryResult.DeniedBody => "denied_body",
        _ => "denied_retry_after",
    };

    public static string Of(MeshFailure failure) => failure switch
    {
        MeshFailure.UnknownService => "unknown_service",
        MeshFailure.DiscoveryUnavailable => "discovery_unavailable",
        MeshFailure.NoEndpoint => "no_endpoint",
        MeshFailure.Transport => "transport",
        MeshFailure.WaitingLimit => "waiting_limit",
        MeshFailure.RetryBudget => "retry_budget",
        MeshFailure.Stopping => "stopping",
        MeshFailure.NotSecured => "not_secured",
        MeshFailure.NoCredential => "no_credential",
        MeshFailure.NoRoute => "no_route",
        MeshFailure.Limit => "limit",
        MeshFailure.Timeout => "timeout",
        MeshFailure.Forbidden => "forbidden",
        MeshFailure.Identity => "identity",
        _ => "_OTHER",
    };

    public static string Of(StreamKind kind) => kind switch
    {
        StreamKind.Endpoints => "endpoints",
        StreamKind.Policy => "policy",
        StreamKind.Profile => "profile",
        StreamKind.Resources => "resources",
        _ => "registration",
    };

    public static string Of(StreamState state) => state switch
    {
        StreamState.Connecting => "connecting",
        StreamState.Open => "open",
        StreamState.Waiting => "waiting",
        _ => "ended",
    };
}

using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Limits;
using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Routing.Filters;
using Mesh.Client.Telemetry.Tracing;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>What a call keeps once it is more than one attempt with plain content that succeeds: most calls never make one.</summary>
internal sealed class CallHistory
{
    private CallExtras? _extras;

    /// <summary>The route that the call takes; null where its service has none.</summary>
    public RoutePlan? Route { get; set; }

    /// <summary>The backend of the latest attempt.</summary>
    public PlannedBackend? Backend { get; set; }

    /// <summary>What filters have changed on the request; null where none changes any.</summary>
    public RequestEdits? Edits { get; set; }

    /// <summary>Copies of the request that go elsewhere; null: none.</summary>
    public List<Mirror>? Mirrors { get; set; }

    /// <summary>Whether the next attempt's backend is chosen already.</summary>
    public ChosenBackend Chosen { get; set; }

    /// <summary>What answered in place of an endpoint.</summary>
    public string? AnsweredBy { get; set; }

    /// <summary>The time of the whole call; null where it has as much as it likes.</summary>
    public CallClock? Clock { get; set; }

    /// <summary>The time of the attempt under way; null where it has as much as the call.</summary>
    public TimeoutSource? AttemptTime { get; set; }

    /// <summary>What the caller wrote of its deadline, where another was written over it.</summary>
    public DeadlineHeader? Deadline { get; set; }

    /// <summary>Attempts before the latest, each with its <see cref="ReasonText"/>.</summary>
    public List<(AttemptTrace Trace, string? ReasonText)>? Earlier { get; set; }

    /// <summary>What the application's own balancer said of the latest pick.</summary>
    public string? ReasonText { get; set; }

    /// <summary>The state of its service that the call is decided by, where the latest attempt has another; else null.</summary>
    public ServiceSnapshot? Own { get; set; }

    /// <summary>What the request is sent with in place of the caller's content.</summary>
    public ContentSwap Content { get; set; } = ContentSwap.Nothing;

    /// <summary>What the request looked like before a framing changed it; null while none has.</summary>
    public RequestForm? Form { get; set; }

    /// <summary>The hash key that was taken off a gRPC request.</summary>
    public string? GrpcKey { get; set; }

    /// <summary>Whether gRPC's own retry policy made the call: it was paid for.</summary>
    public bool IsGrpcRetry { get; set; }

    /// <summary>Whether a gRPC caller asked what the mesh did.</summary>
    public bool WantsInfo { get; set; }

    /// <summary>Whether an attempt after the first is under way.</summary>
    public bool IsRetrying { get; set; }

    /// <summary>The limits that the call has entered.</summary>
    public ServiceLimits? Limits { get; set; }

    /// <summary>Endpoints that the next pick goes around.</summary>
    public HashSet<EndpointRuntime>? Tried { get; set; }

    /// <summary>Endpoints that no connection could be made to; null: none.</summary>
    public UnreachedEndpoints? Unreached { get => _extras?.Unreached; set => (_extras ??= new()).Unreached = value; }

    /// <summary>What the request's own headers ask of the mesh (Linkerd's); null: nothing.</summary>
    public RequestDemands? Demands { get => _extras?.Demands; set => (_extras ??= new()).Demands = value; }

    /// <summary>Why the mesh ends the call; kept only while somebody watches calls.</summary>
    public MeshFailure? Failure { get => _extras?.Failure; set => (_extras ??= new()).Failure = value; }

    /// <summary>The limit that refused it, likewise.</summary>
    public LimitKind? RefusedBy { get => _extras?.RefusedBy; set => (_extras ??= new()).RefusedBy = value; }

    /// <summary>The backend and its limit that refused one of several for the same request, until it is known what that means.</summary>
    public (string Backend, LimitKind Limit)? Shed { get => _extras?.Shed; set => (_extras ??= new()).Shed = value; }

    /// <summary>Whether its caller gave it up while it had no answer to give, likewise.</summary>
    public bool IsGivenUp { get => _extras?.IsGivenUp == true; set => (_extras ??= new()).IsGivenUp = value; }

    /// <summary>When the latest sending of its content ended; kept only where Linkerd's names are on.</summary>
    public long Sent { get => _extras?.Sent ?? 0; set => (_extras ??= new()).Sent = value; }

    /// <summary>What is traced of it; null: nothing.</summary>
    public CallTrace? Trace { get => _extras?.Trace; set => (_extras ??= new()).Trace = value; }

    /// <summary>Whether it belongs to another call, as one of its attempts or as its copy.</summary>
    public bool IsPart { get; set; }

    /// <summary>Whether its request was sent by another call as well.</summary>
    public bool IsCopy { get; set; }

    /// <summary>Attempts that were retries.</summary>
    public ushort Retries { get; set; }

    /// <summary>How long the call has waited for an endpoint, all its waits together.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether the next pick leaves an endpoint out: it was tried, or is not who the request demands.</summary>
    public bool GoesAround(EndpointRuntime endpoint) =>
        Tried?.Contains(endpoint) == true || IsRefused(endpoint);

    /// <summary>Whether it had no connection left for the call.</summary>
    public bool IsCrowded(EndpointRuntime endpoint) => Unreached?.Crowded?.Endpoints.Contains(endpoint) == true;

    /// <summary>Whether it is not who the request demands.</summary>
    public bool IsRefused(EndpointRuntime endpoint) => Demands?.Identity?.IsOf(endpoint.Transport) == false;
}

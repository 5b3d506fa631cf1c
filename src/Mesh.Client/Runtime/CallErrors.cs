using System.Globalization;
using System.Text;
using Grpc.Core;
using Mesh.Client.Grpc;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>Says what went wrong: which service, which endpoints, what each said, what to do. As HTTP or as gRPC expects it.</summary>
internal static class CallErrors
{
    // A service of 100,000 endpoints must not make a message of megabytes.
    private const int MaxListed = 20;

    public static Exception NoEndpoint(MeshCall call, TimeSpan waited)
    {
        EndpointSet set = call.Backend.Snapshot.Set;
        if (set is { Status: EndpointSetStatus.Unknown, IsSilent: false })
        {
            string why = set.Problem ?? $"no answer yet ({call.Service.Services.Endpoints.Name})";
            return Make(
                call,
                MeshFailure.DiscoveryUnavailable,
                $"its endpoints are not known after {Seconds(waited)}: {why}. Check {Address(call)}.");
        }

        CredentialStore credentials = call.Service.Services.Credentials;
        if (credentials.IsEnabled && !credentials.IsReady && Array.Exists(call.Backend.Snapshot.Endpoints, endpoint => endpoint.IsSecured))
        {
            return Make(
                call,
                MeshFailure.NoCredential,
                $"this process has no valid certificate to show its endpoints after {Seconds(waited)}: {credentials.Current.Problem}.");
        }

        string what = set.Endpoints.IsEmpty
            ? $"it has no endpoints ({call.Service.Services.Endpoints.Name} {(set.IsSilent ? "names none" : "says so")})"
            : call.Snapshot.Custom is { } custom
            ? $"its own balancer, {custom.Name}, took none of its {set.Endpoints.Length} endpoints"
            : $"none of its {set.Endpoints.Length} endpoints became available";
        return Make(call, MeshFailure.NoEndpoint, $"{what} within {Seconds(waited)}.{States(call)}{Problem(set)}");
    }

    public static Exception UnknownService(MeshCall call)
    {
        EndpointSet set = call.Backend.Snapshot.Set;
        string why = set.Problem ?? $"{call.Service.Services.Endpoints.Name} does not know it";
        return Make(
            call,
            MeshFailure.UnknownService,
            $"unknown service: {why}. Check the name, Mesh:Namespace, or add it under Mesh:Services.");
    }

    public static Exception NoRoute(MeshCall call) =>
        Make(
            call,
            MeshFailure.NoRoute,
            $"none of its routes is for {call.Request.Method} {call.Request.RequestUri!.AbsolutePath}. "
            + "Add one that matches, or one without a match for all the rest.");

    /// <param name="why">In the route's words.</param>
    public static Exception Forbidden(MeshCall call, string why) =>
        Make(
            call,
            MeshFailure.Forbidden,
            $"the call is refused by route {call.RouteName}: {why}. Only a change of its policy lets it through.");

    public static Exception Nowhere(MeshCall call, TimeSpan waited) =>
        Make(
            call,
            MeshFailure.NoEndpoint,
            $"route {call.RouteName} has no backend that takes calls, and none came within {Seconds(waited)}. Give it one.");

    public static Exception Stopping(MeshCall call) => Make(call, MeshFailure.Stopping, "the application is stopping.");

    public static Exception IllegalName(HttpRequestMessage request, string service, string problem)
    {
        string message = $"{service}: no service can have this name: it {problem}.";
        return GrpcRequest.Is(request)
            ? new RpcException(new Status(StatusOf(MeshFailure.UnknownService), message))
            : new MeshException(service, MeshFailure.UnknownService, message);
    }

    /// <param name="request">One that goes past the mesh.</param>
    public static Exception DemandedBeyond(HttpRequestMessage request)
    {
        string service = request.RequestUri is { IsAbsoluteUri: true } uri ? uri.Authority : "";
        string message = $"{service}: the request demands an identity ({LinkerdHeaders.RequireId}) but goes past the mesh, where nobody's "
            + "is verified. Call a service of the mesh, or leave the header out.";
        return GrpcRequest.Is(request)
            ? new RpcException(new Status(StatusOf(MeshFailure.Identity), message))
            : new MeshException(service, MeshFailure.Identity, message);
    }

    public static Exception TooManyWaiting(MeshCall call, int limit) =>
        Make(
            call,
            MeshFailure.WaitingLimit,
            $"{limit} calls already wait for an endpoint.{States(call)}{Problem(call.Backend.Snapshot.Set)}");

    public static Exception NotSecured(MeshCall call) =>
        Make(
            call,
            MeshFailure.NotSecured,
            "the call is https:// but its endpoints are reached without TLS. Call http://, or give them an Identity.");

    public static Exception NotWhoIsRequired(MeshCall call, RequiredIdentity required) =>
        Make(
            call,
            MeshFailure.Identity,
            $"the request demands the identity '{required.Text}' ({LinkerdHeaders.RequireId}), which none of its endpoints has. "
            + "Write theirs, or leave the header out.");

    public static Exception EndpointsFull(MeshCall call, string backend, int perEndpoint) =>
        Make(
            call,
            MeshFailure.Limit,
            LimitErrors.Full(backend, perEndpoint),
            limit: LimitKind.MaxRequestsPerEndpoint);

    public static Exception ConnectionsFull(MeshCall call, string backend, int perEndpoint) =>
        Make(
            call,
            MeshFailure.Limit,
            LimitErrors.Crowded(backend, perEndpoint),
            limit: LimitKind.MaxConnectionsPerEndpoint);

    public static Exception Http3(MeshCall call) =>
        Make(call, MeshFailure.NoEndpoint, "the call asks for HTTP/3, which is not spoken in the mesh. Use RequestVersionOrLower.");

    public static Exception BudgetSpent(MeshCall call) =>
        Make(call, MeshFailure.RetryBudget, "this is a retry by gRPC's own policy, and the service's retry budget is spent.");

    /// <param name="call">Whose time, or whose attempt's, ran out.</param>
    /// <param name="reason">Says what ran out.</param>
    public static Exception Timeout(MeshCall call, TimeoutException reason)
    {
        string? route = call.Route is { } plan ? $" (route {plan.Policy.Name})" : null;
        return Make(call, MeshFailure.Timeout, $"{reason.Message}{route}.", reason);
    }

    public static Exception Transport(MeshCall call, Exception cause)
    {
        Exception error = Make(call, MeshFailure.Transport, "the connection failed and the call could not be tried again.", cause);

        // The library reads the peer's code.
        return call.IsGrpc && AttemptFailure.IsStreamReset(cause) ? new HttpRequestException(error.Message, cause) : error;
    }

    /// <summary>
    /// What a gRPC caller is told when the connection breaks below a body. The library would say Unavailable only of a socket's error, and
    /// Internal when a peer's end came without one, as it does beneath TLS, after a GOAWAY, or when a ping was not answered.
    /// </summary>
    /// <returns>Null where the caller is told well enough.</returns>
    public static RpcException? Broken(MeshCall call, Exception cause)
    {
        if (!call.IsGrpc || !AttemptFailure.IsOfTransport(cause) || AttemptFailure.IsStreamReset(cause))
        {
            return null;
        }

        string message = $"{call.Service.Name}: the connection to {call.Endpoint.Address} broke: {cause.GetBaseException().Message}";
        return new RpcException(new Status(StatusCode.Unavailable, message, cause));
    }

    /// <summary>The same for who writes a stream of messages, and may hear of it before the call does.</summary>
    public static Func<Exception, Exception?> BrokenWhileWritten { get; } = cause =>
        AttemptFailure.IsOfTransport(cause) && !AttemptFailure.IsStreamReset(cause)
            ? new RpcException(new Status(
                StatusCode.Unavailable, $"the connection broke while the call was sent: {cause.GetBaseException().Message}", cause))
            : null;

    private static Exception Make(MeshCall call, MeshFailure reason, string text, Exception? cause = null, LimitKind? limit = null)
    {
        call.Fail(reason, limit);
        MeshCallInfo info = call.ToInfo();
        string message = $"{call.Service.Name}: {text}{Tried(info)}";
        return call.IsGrpc
            ? new RpcException(new Status(StatusOf(reason), message, cause))
            : new MeshException(info.Service, reason, message, info, cause) { Limit = limit?.ToString() };
    }

    /// <summary>What a gRPC caller is told of it.</summary>
    public static StatusCode StatusOf(MeshFailure reason) => reason switch
    {
        MeshFailure.NoRoute => StatusCode.Unimplemented,
        MeshFailure.Forbidden => StatusCode.PermissionDenied,
        MeshFailure.Timeout => StatusCode.DeadlineExceeded,
        MeshFailure.WaitingLimit or MeshFailure.RetryBudget or MeshFailure.Limit => StatusCode.ResourceExhausted,
        _ => StatusCode.Unavailable,
    };

    private static string Tried(MeshCallInfo info)
    {
        if (info.Attempts.Count == 0)
        {
            return string.Empty;
        }

        var text = new StringBuilder(" Tried: ");
        text.AppendJoin("; ", info.Attempts.TakeLast(MaxListed).Select(a =>
            $"{a.Endpoint} ({a.Reason}{(a.ReasonText is { } words ? $", {words}" : null)}): "
            + $"{a.Outcome}{(a.Status is { } status ? $" {status}" : null)}"
            + $"{(a.Error is { } error ? $", {error}" : null)}"));
        return text.Append('.').ToString();
    }

    private static string States(MeshCall call)
    {
        EndpointRuntime[] endpoints = call.Backend.Snapshot.Endpoints;
        if (endpoints.Length == 0)
        {
            return string.Empty;
        }

        var text = new StringBuilder(" Endpoints: ");
        text.AppendJoin("; ", endpoints.Take(MaxListed).Select(endpoint => $"{endpoint.Address} {endpoint.DescribeState()}"));
        if (endpoints.Length > MaxListed)
        {
            text.Append(CultureInfo.InvariantCulture, $"; and {endpoints.Length - MaxListed} more");
        }

        return text.Append('.').ToString();
    }

    private static string Address(MeshCall call) => call.Service.Services.Endpoints.Settings
        ?? (call.Service.Services.Linkerd.ReadsHeaders
            ? "Mesh:Linkerd:Destination:Address and Mesh:Linkerd:Policy:Address"
            : "Mesh:ControlPlane:Address");

    private static string Problem(EndpointSet set) => set.Problem is { } problem ? $" Note: {problem}." : string.Empty;

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}

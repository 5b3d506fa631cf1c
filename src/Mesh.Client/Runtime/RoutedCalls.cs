using Mesh.Client.Grpc;

namespace Mesh.Client.Runtime;

/// <summary>Finds the route of a call, and does around its attempts what the route says.</summary>
internal static class RoutedCalls
{
    /// <summary>Sends a request to its service, which the caller has entered.</summary>
    /// <param name="routes">Of the snapshot that decides the call.</param>
    /// <param name="waitingSince">When the call began to wait for its service; 0 when it has not.</param>
    public static Task<HttpResponseMessage> SendAsync(
        ServiceRuntime service, RoutePlans routes, HttpRequestMessage request, long waitingSince, CancellationToken cancellationToken)
    {
        var call = new MeshCall(service, request, GrpcRequest.Is(request), waitingSince);
        if (!routes.TryFind(request, out RoutePlan? route, out _))
        {
            Exception error = CallErrors.NoRoute(call);
            call.Abort();
            return Task.FromException<HttpResponseMessage>(error);
        }

        call.Take(route);
        return CallRunner.StartAsync(call, cancellationToken);
    }
}

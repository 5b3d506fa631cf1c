using Grpc.Core;
using Grpc.Core.Interceptors;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>
/// Before every call to the control plane: lets it in while there is room, and keeps who is there. A stream that is refused costs neither
/// an exception nor a line of gRPC's log.
/// </summary>
internal sealed class ControlPlaneGate(ControlPlaneLoad load, ConnectedClients clients, CertificateCounts certificates) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        AskedFor what = request is TrafficSpec ? AskedFor.Policy : AskedFor.Certificate;
        bool isAnswered = false;
        try
        {
            using GatePass pass = load.TryEnter(ClientAddress.ClientOf(context), what, out Status refusal)
                ?? throw new RpcException(refusal);
            TResponse response = await continuation(request, context).ConfigureAwait(false);
            isAnswered = true;
            return response;
        }
        finally
        {
            if (what is AskedFor.Certificate)
            {
                certificates.Ended(isAnswered);
            }
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        AskedFor what = request is TrafficSpec ? AskedFor.Policy
            : typeof(TResponse) == typeof(DestinationProfile) ? AskedFor.Profile
            : AskedFor.Endpoints;
        using GatePass? pass = load.TryEnter(ClientAddress.ClientOf(context), what, out Status refusal);
        if (pass is null)
        {
            context.Status = refusal;
            return;
        }

        using ClientStream stream = clients.Open(what, request, context);
        await continuation(request, new FirstWordWriter<TResponse>(responseStream, pass), context).ConfigureAwait(false);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using GatePass? pass = load.TryEnter(ClientAddress.ClientOf(context), AskedFor.Registration, out Status refusal);
        if (pass is null)
        {
            context.Status = refusal;
            return;
        }

        using ClientStream stream = clients.Open(AskedFor.Registration, request: null, context);
        await continuation(requestStream, new FirstWordWriter<TResponse>(responseStream, pass), context).ConfigureAwait(false);
    }
}

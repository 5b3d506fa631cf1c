using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.Registry.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Serves <c>mesh.registry.v1</c>: an instance is an endpoint for as long as its stream lasts.</summary>
internal sealed class RegistryService(
    ServiceRegistry registry, RegistrationReader reader, RegistryMetrics metrics, TimeProvider time,
    IHostApplicationLifetime lifetime, RegistryLog log) : Mesh.Client.Registry.Protocol.Registry.RegistryBase
{
    public override async Task Register(
        IAsyncStreamReader<RegisterRequest> requestStream, IServerStreamWriter<RegisterResponse> responseStream, ServerCallContext context)
    {
        using var stream = new RegistryStream(requestStream, time, context.CancellationToken, lifetime.ApplicationStopping);
        RegisteredInstance? instance = null;
        string outcome = RegistryMetrics.Lost;
        try
        {
            // At once: the caller sees that it is heard, and by whom.
            global::Grpc.Core.Metadata headers = new() { { ControlPlaneProcess.Header, registry.Process } };
            await context.WriteResponseHeadersAsync(headers).ConfigureAwait(false);
            instance = await OpenAsync(stream, context).ConfigureAwait(false);
            if (instance is null)
            {
                return;
            }

            await responseStream.WriteAsync(Acknowledge(instance), stream.Token).ConfigureAwait(false);
            await stream.UntilLeaveAsync(instance.Replaced).ConfigureAwait(false);
            outcome = RegistryMetrics.Left;
            Remove(instance, outcome);
            await responseStream.WriteAsync(new RegisterResponse { Left = new() }, stream.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException
            || (exception is InvalidOperationException && stream.Token.IsCancellationRequested))
        {
            Status? status = stream.Ending(instance);
            outcome = status?.StatusCode switch
            {
                StatusCode.DeadlineExceeded => RegistryMetrics.Vanished,
                StatusCode.Aborted => RegistryMetrics.Replaced,
                _ => outcome,
            };

            // Without a status the caller has left, and what gRPC says of it depends on where it was.
            throw status is { } said ? new RpcException(said) : new RpcException(Status.DefaultCancelled);
        }
        finally
        {
            Remove(instance, outcome);
        }
    }

    private async Task<RegisteredInstance?> OpenAsync(RegistryStream stream, ServerCallContext context)
    {
        if (await stream.NextAsync().ConfigureAwait(false) is not { } first)
        {
            return null;
        }

        HttpContext http = context.GetHttpContext();
        try
        {
            RegisteredInstance instance = first.Registration is { } wire
                ? reader.Read(wire, http.Connection.RemoteIpAddress, http.Features.Get<IMeshPeerFeature>())
                : throw new RpcException(new Status(StatusCode.InvalidArgument, "registration: the first message has to be one"));
            if (registry.Add(instance) is { } problem)
            {
                throw new RpcException(problem);
            }

            metrics.Held(RegistryMetrics.Registered);
            log.Registered(instance);
            ConnectedClients.Of(context)?.IsFor(instance.Service);
            return instance;
        }
        catch (RpcException refusal)
        {
            metrics.Held(RegistryMetrics.Refused);
            if (registry.Refusals.Allows($"{http.Connection.RemoteIpAddress} {refusal.Status.Detail}"))
            {
                log.Refused(http.Connection.RemoteIpAddress, refusal.Status.Detail);
            }

            throw;
        }
    }

    private void Remove(RegisteredInstance? instance, string outcome)
    {
        // A control plane that stops says nothing more: its clients keep what they know until it is back.
        if (instance is null || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        if (registry.Remove(instance) || outcome is RegistryMetrics.Replaced)
        {
            metrics.Held(outcome);
            log.Gone(instance, outcome);
        }
    }

    private static RegisterResponse Acknowledge(RegisteredInstance instance) => new()
    {
        Registered = new()
        {
            Address = instance.Endpoint.Address.Text,
            HeartbeatInterval = Duration.FromTimeSpan(Heartbeats.Interval),
        },
    };
}

using Grpc.Core;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Profiles: of services by name, of endpoints by address.</summary>
internal sealed partial class DestinationService
{
    public override async Task GetProfile(
        GetDestination request, IServerStreamWriter<DestinationProfile> responseStream, ServerCallContext context)
    {
        ServiceName? service = null;
        if (!EndpointAddress.TryParse(request.Path, out EndpointAddress? address) || !address.IsIP)
        {
            address = null;
            if (!DestinationPath.TryParse(request.Path, out service, out string? problem))
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
            }
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await context.WriteResponseHeadersAsync(global::Grpc.Core.Metadata.Empty).ConfigureAwait(false);
            DestinationProfile? last = null;
            while (true)
            {
                Task changed = policies.Owners.Changed;
                DestinationProfile now = service is not null
                    ? ProfileWriter.Write(policies.Of(service).Retry.Budget, service)
                    : ProfileOf(address!);
                if (!now.Equals(last))
                {
                    last = now;
                    await responseStream.WriteAsync(now, stop.Token).ConfigureAwait(false);
                }

                await changed.WaitAsync(stop.Token).ConfigureAwait(false);
                await Task.Delay(Interval, sources.TimeProvider, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(Stopping);
        }
        catch (Exception exception) when (context.CancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The caller has left.
        }
    }

    private DestinationProfile ProfileOf(EndpointAddress address)
    {
        DestinationProfile profile = ProfileWriter.Write(RetryBudgetPolicy.Default, service: null);
        if (policies.Owners.TryFind(address, out _, out Endpoint? endpoint) && EndpointUpdates.TryWrite(endpoint, out WeightedAddr? wire))
        {
            profile.Endpoint = wire;
        }

        return profile;
    }
}

using Grpc.Core;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Profiles: of services by name or by their own address, of endpoints by theirs.</summary>
internal sealed partial class DestinationService
{
    public override async Task GetProfile(
        GetDestination request, IServerStreamWriter<DestinationProfile> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        IAsyncEnumerable<DestinationProfile> told = Profiles(request.Path, CallerOf(request, context), stop.Token);
        try
        {
            await context.WriteResponseHeadersAsync(global::Grpc.Core.Metadata.Empty).ConfigureAwait(false);
            await foreach (DestinationProfile profile in told.ConfigureAwait(false))
            {
                await responseStream.WriteAsync(profile, stop.Token).ConfigureAwait(false);
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

    private IAsyncEnumerable<DestinationProfile> Profiles(string path, string? caller, CancellationToken cancellationToken) =>
        EndpointAddress.TryParse(path, out EndpointAddress? address) && address.IsIP ? profiles.WatchAsync(address, caller, cancellationToken)
        : DestinationPath.TryParse(path, out ServiceName? service, out string? problem)
            ? InstancePath.TryParse(service, configuration.Names, out ServiceName? whole, out string? instance)
                ? profiles.WatchAsync(whole, instance, caller, cancellationToken)
                : profiles.WatchAsync(service, caller, cancellationToken)
        : throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
}

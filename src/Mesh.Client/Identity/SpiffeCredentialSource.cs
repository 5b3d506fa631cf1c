using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Identity;

/// <summary>A SPIFFE Workload API: an agent on this machine that knows who we are by looking at the process behind the socket.</summary>
/// <param name="path">The Unix socket.</param>
/// <param name="wanted">Which identity to take where there are several; null for the agent's first.</param>
internal sealed class SpiffeCredentialSource(
    string path, WorkloadIdentity? wanted, TimeProvider time, ILogger<SpiffeCredentialSource> logger) : ICredentialSource
{
    // Keeps requests out that a process was tricked into: browsers and metadata proxies do not send it.
    private static readonly Metadata SecurityHeader = new() { { "workload.spiffe.io", "true" } };

    public string Name { get; } = $"SPIFFE agent unix:{path}";

    public IAsyncEnumerable<CredentialUpdate> WatchAsync(CancellationToken cancellationToken) =>
        CredentialFeed.WatchAsync(Name, logger, RunAsync, cancellationToken);

    private async Task RunAsync(CredentialFeed feed, CancellationToken cancellationToken)
    {
        using GrpcChannel channel = SpiffeSocket.Open(path);
        var client = new SpiffeWorkloadAPI.SpiffeWorkloadAPIClient(channel);
        var state = new SpiffeState(Name, feed, wanted, time);
        await CredentialFeed.RunBothAsync(
            stop => StreamAsync(
                () => client.FetchX509SVID(new X509SVIDRequest(), SecurityHeader, cancellationToken: stop),
                state.Apply,
                feed.RefuseCredential,
                stop),
            stop => StreamAsync(
                () => client.FetchX509Bundles(new X509BundlesRequest(), SecurityHeader, cancellationToken: stop),
                state.Apply,
                feed.RefuseTrust,
                stop),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task StreamAsync<T>(
        Func<AsyncServerStreamingCall<T>> open, Action<T> apply, Action<string> lost, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time, Backoff.LoopbackMaximum);
        while (true)
        {
            try
            {
                using AsyncServerStreamingCall<T> call = open();
                while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                {
                    backoff.Reset();
                    apply(call.ResponseStream.Current);
                }

                lost($"{Name} ended the stream");
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unimplemented && typeof(T) == typeof(X509BundlesResponse))
            {
                // An older agent. The identities bring anchors of their own.
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                lost(exception.StatusCode switch
                {
                    StatusCode.PermissionDenied => $"{Name} has no identity for this process: {RpcReason.Detail(exception)}",
                    StatusCode.InvalidArgument => $"{Name} refuses the request: {RpcReason.Detail(exception)}",
                    StatusCode.Unimplemented => $"{Name} serves no X.509 identities",
                    _ => $"{Name} is out of reach: {RpcReason.Short(exception)}",
                });
            }
            catch (RpcException exception)
            {
                // gRPC speaks of cancellation with a status.
                throw new OperationCanceledException(exception.Status.Detail, cancellationToken);
            }

            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(false);
        }
    }
}

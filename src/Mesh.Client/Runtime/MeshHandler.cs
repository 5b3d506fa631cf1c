using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>
/// A client's primary handler: a thin shell over the <see cref="MeshRuntime"/>, made and thrown away by HttpClientFactory at will.
/// Deliberately no DelegatingHandler, so that nobody looks through it for a SocketsHttpHandler.
/// </summary>
/// <param name="runtime">The process's services.</param>
/// <param name="scope">Which hosts are the mesh's.</param>
/// <param name="passThrough">The primary that the client had configured: the way to hosts that are not the mesh's. Owned.</param>
internal sealed class MeshHandler(MeshRuntime runtime, MeshScope scope, HttpMessageHandler passThrough) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _passThrough = new(passThrough, disposeHandler: true);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            ServiceRuntime? service = request.RequestUri is { IsAbsoluteUri: true } uri ? runtime.Find(uri, scope) : null;
            if (service is null)
            {
                return PassAsync(request, cancellationToken);
            }

            // Who has routes is known, whether or not it has endpoints of its own.
            ServiceSnapshot snapshot = service.Snapshot;
            if (runtime.PassesMissing(scope) && snapshot is { Set.Status: not EndpointSetStatus.Known, Routes: null })
            {
                return SendUnlessUnknownAsync(service, request, cancellationToken);
            }

            // False only while an idle service is being dropped: the next look finds a new one.
            if (service.TryEnter())
            {
                return CallRunner.SendAsync(service, snapshot, request, cancellationToken);
            }
        }
    }

    // The transports wait without a thread; only the caller, who asked to be blocked, is.
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _passThrough.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task<HttpResponseMessage> PassAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        runtime.Refusal(request, scope) is { } refusal
            ? Task.FromException<HttpResponseMessage>(refusal)
            : _passThrough.SendAsync(request, cancellationToken);

    // Only a definite NotFound is a way past the mesh: a source out of reach is an error.
    private async Task<HttpResponseMessage> SendUnlessUnknownAsync(
        ServiceRuntime service, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        long waitingSince = service.Now;
        ServiceSnapshot snapshot;
        try
        {
            snapshot = await service.FirstAnswerAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (service.TryEnter())
        {
            CallRunner.GiveUp(service, request, waitingSince);
            throw;
        }

        bool missing = snapshot.Set.Status is EndpointSetStatus.NotFound;
        while (!missing && !service.TryEnter())
        {
            // Dropped for being idle, or by a reload no mesh name any more.
            if (runtime.Find(request.RequestUri!, scope) is not { } next)
            {
                missing = true;
                break;
            }

            service = next;
            snapshot = next.Snapshot;
        }

        return await (missing
            ? PassAsync(request, cancellationToken)
            : CallRunner.SendAsync(service, snapshot, request, cancellationToken, waitingSince)).ConfigureAwait(false);
    }
}

using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// Sends each request to one of the addresses behind its host's name, one after the other, over a connection of its own: a headless service
/// of Kubernetes names its pods so. Where no connection can be made the next address is tried at once; the name is asked for anew by each
/// request, which is a stream that lasts.
/// </summary>
internal sealed class ReplicaHandler(HttpMessageHandler inner, IHostResolver resolver) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _invoker = new(inner, disposeHandler: false);
    private readonly Lock _lock = new();
    private readonly HashSet<IPAddress> _failed = [];
    private IPAddress[] _addresses = [];
    private Task<IPAddress[]>? _asked;
    private int _turn = Random.Shared.Next(1024);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri named = request.RequestUri!;
        request.Headers.Host = named.Authority;
        IPAddress[] addresses = await FindAsync(named.IdnHost, cancellationToken).ConfigureAwait(false);
        for (int i = 0; ; i++)
        {
            IPAddress address = addresses[i];
            request.RequestUri = new Uri($"{named.Scheme}://{EndpointAddress.Create(address, named.Port)}{named.PathAndQuery}");
            try
            {
                HttpResponseMessage response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
                Mark(address, failed: false);
                return response;
            }
            catch (Exception exception) when (IsUnconnected(exception, cancellationToken))
            {
                Mark(address, failed: true);
                if (i == addresses.Length - 1)
                {
                    throw;
                }
            }
            finally
            {
                request.RequestUri = named;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _invoker.Dispose();
        }

        base.Dispose(disposing);
    }

    // Nothing was sent. That a connection took too long is told as a cancellation that nobody asked for.
    private static bool IsUnconnected(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError }
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>All of them, the one whose turn it is first and those that failed last.</summary>
    private async Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] found = [];
        string problem = "";
        try
        {
            found = await AskAsync(host).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            problem = exception.Message;
        }

        lock (_lock)
        {
            // A name server that is away takes no replica away.
            _addresses = found.Length == 0 ? _addresses : found;
            if (_addresses.Length == 0)
            {
                throw new HttpRequestException(HttpRequestError.NameResolutionError, $"{host}: {problem}");
            }

            _failed.IntersectWith(_addresses);
            int turn = _turn++ & int.MaxValue;
            return [.. _addresses.Select((_, i) => _addresses[(i + turn) % _addresses.Length]).OrderBy(_failed.Contains)];
        }
    }

    // A process opens its streams at once: they share one question.
    private Task<IPAddress[]> AskAsync(string host)
    {
        lock (_lock)
        {
            return _asked is { IsCompleted: false } ? _asked : _asked = resolver.ResolveAsync(host, CancellationToken.None);
        }
    }

    private void Mark(IPAddress address, bool failed)
    {
        lock (_lock)
        {
            _ = failed ? _failed.Add(address) : _failed.Remove(address);
        }
    }
}

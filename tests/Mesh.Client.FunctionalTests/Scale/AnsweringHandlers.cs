using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>Endpoints that answer at once and have no socket: ten thousand of them cost little.</summary>
internal sealed class AnsweringHandlers : IEndpointHandlerFactory
{
    private int _live;

    /// <summary>Handlers that were made and not disposed.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>What the disposal of a handler waits for.</summary>
    public Action? Disposing { get; set; }

    public HttpMessageHandler Create(EndpointTarget target, IConnectionObserver connections) => new Handler(this);

    public ValueTask<Stream?> WarmAsync(EndpointTarget target, IConnectionObserver connections, CancellationToken cancellationToken) =>
        default;

    public ValueTask ProbeAsync(EndpointTarget target, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private sealed class Handler : HttpMessageHandler
    {
        private readonly AnsweringHandlers _owner;

        public Handler(AnsweringHandlers owner)
        {
            _owner = owner;
            Interlocked.Increment(ref owner._live);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));

        protected override void Dispose(bool disposing)
        {
            _owner.Disposing?.Invoke();
            Interlocked.Decrement(ref _owner._live);
            base.Dispose(disposing);
        }
    }
}

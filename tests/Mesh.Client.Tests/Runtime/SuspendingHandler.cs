using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Runtime;

/// <summary>
/// A handler that suspends as real I/O does, and is completed by its driver on the same thread: every state machine above it is boxed, and
/// all that is allocated can be counted.
/// </summary>
internal sealed class SuspendingHandler : HttpMessageHandler
{
    private static readonly byte[] Body = new byte[96];

    private TaskCompletionSource<HttpResponseMessage>? _pending;

    /// <summary>Answers the request that waits.</summary>
    public void Complete()
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Body) };
        response.Content.Headers.ContentType = Json;
        TaskCompletionSource<HttpResponseMessage> pending = _pending!;
        _pending = null;
        pending.SetResult(response);
    }

    private static MediaTypeHeaderValue Json { get; } = new("application/json");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        (_pending = new TaskCompletionSource<HttpResponseMessage>()).Task;

    /// <summary>Gives every endpoint the same handler.</summary>
    internal sealed class Factory(SuspendingHandler handler) : IEndpointHandlerFactory
    {
        public HttpMessageHandler Create(EndpointTarget target, IConnectionObserver connections) => handler;

        public ValueTask<Stream?> WarmAsync(
            EndpointTarget target, IConnectionObserver connections, CancellationToken cancellationToken) => default;

        public ValueTask ProbeAsync(EndpointTarget target, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}

namespace Mesh.Client.Discovery.Destination;

/// <summary>Connections of one kind, until calm is asked for; of a calmer kind from then on. What is open on the first stays there.</summary>
internal sealed class PacedHandler(SocketsHttpHandler lively, Func<SocketsHttpHandler> createCalm) : DelegatingHandler(lively)
{
    private HttpMessageInvoker? _calm;

    public bool IsCalm => Volatile.Read(ref _calm) is not null;

    public void Calm()
    {
        if (IsCalm)
        {
            return;
        }

        var calm = new HttpMessageInvoker(createCalm());
        if (Interlocked.CompareExchange(ref _calm, calm, null) is not null)
        {
            calm.Dispose();
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Volatile.Read(ref _calm) is { } calm ? calm.SendAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Volatile.Read(ref _calm)?.Dispose();
        }

        base.Dispose(disposing);
    }
}

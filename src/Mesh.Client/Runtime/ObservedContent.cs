using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Client.Runtime;

/// <summary>
/// A response's content as the caller sees it: the same headers and bytes, read synchronously or asynchronously. It tells the call when
/// the body ends, and keeps what the mesh did for whoever asks.
/// </summary>
internal sealed class ObservedContent : HttpContent
{
    private readonly HttpContent _inner;

    public ObservedContent(HttpContent inner, MeshCall call)
    {
        _inner = inner;
        Call = call;
        foreach (KeyValuePair<string, HeaderStringValues> header in inner.Headers.NonValidated)
        {
            if (header.Value.Count == 1)
            {
                string value = header.Value.ToString();
                Headers.TryAddWithoutValidation(header.Key, value);
                IsEmpty |= value == "0" && header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
            }
            else
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }
    }

    public MeshCall Call { get; }

    /// <summary>Whether its length is said to be 0.</summary>
    public bool IsEmpty { get; }

    /// <summary>Ends the exchange, though the caller has the response.</summary>
    public void Cut() => _inner.Dispose();

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using Stream body = CreateContentReadStream(cancellationToken);
        body.CopyTo(stream);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Stream body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        Observe(_inner.ReadAsStream(Begin(cancellationToken)));

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Observe(await _inner.ReadAsStreamAsync(Begin(default)).ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Observe(await _inner.ReadAsStreamAsync(Begin(cancellationToken)).ConfigureAwait(false));

    // A body that was cut tells so, rather than that it is gone.
    private CancellationToken Begin(CancellationToken cancellationToken) =>
        Call.Clock is { HasFired: true } clock ? throw clock.End(isEndpoints: false) : cancellationToken;

    private ObservedStream Observe(Stream body) => new(Call.Clock is { } clock ? new TimedStream(body, clock) : body, Call);

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength.HasValue;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Call.BodyAbandoned();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

using System.Net;
using System.Runtime.ExceptionServices;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// A content that is copied while it is sent, by each sending anew, until one has sent it whole. The bytes go on as they come, and what
/// fails fails as it would have without.
/// </summary>
/// <remarks>
/// It stands around what is sent, a content that allows retries included: those see of it only another sending. It is not to be disposed:
/// the content inside is another's.
/// </remarks>
internal sealed class MirrorTee : HttpContent
{
    private readonly HttpContent _inner;
    private readonly MirrorSending _sending;

    public MirrorTee(HttpContent inner, MirrorSending sending)
    {
        _inner = inner;
        _sending = sending;
        new HeaderCopy(inner.Headers).AddTo(Headers);
    }

    /// <summary>Whether it writes its copies there.</summary>
    public bool IsFor(MirrorSending sending) => _sending == sending;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        MirrorCopy copy = _sending.Begin();
        bool complete = false;
        try
        {
            await _inner.CopyToAsync(new MirrorStream(stream, copy), context, cancellationToken).ConfigureAwait(false);
            complete = true;
        }
        catch (HttpRequestException e) when (IsWrapped(e))
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }
        finally
        {
            _sending.End(copy, complete);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        MirrorCopy copy = _sending.Begin();
        bool complete = false;
        try
        {
            _inner.CopyTo(new MirrorStream(stream, copy), context, cancellationToken);
            complete = true;
        }
        catch (HttpRequestException e) when (IsWrapped(e))
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }
        finally
        {
            _sending.End(copy, complete);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        long? known = _inner.Headers.ContentLength;
        length = known.GetValueOrDefault();
        return known.HasValue;
    }

    // CopyTo wraps what the stream threw, as it would for a caller; the handler that sends us wants it as it was.
    private static bool IsWrapped(HttpRequestException e) => e.InnerException is IOException or ObjectDisposedException;
}

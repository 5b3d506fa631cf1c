using Mesh.Client.Resilience;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Gets a mirrored request its own copy of the body, at no risk for the call. A content that can be sent any number of times is written
/// into memory at once; any other is copied while the call itself sends it, and the mirror follows when that is done.
/// </summary>
/// <remarks>
/// How a call has to use it, in this order:
/// <list type="number">
/// <item>With the rule's filters applied, and before the content is swapped for sending (<see cref="ContentSwap.Apply"/>, which must see
/// the caller's own content to know how it may be sent again): <see cref="Of"/>, and <see cref="MirrorRequest.Clone"/>.</item>
/// <item>After that swap and before the first attempt: <see cref="Attach"/>. The tee stands around the swapped content, so retries are
/// what they are without a mirror.</item>
/// <item>When the last attempt is over, however it ended, and before the content is swapped back: <see cref="Detach"/>, always.</item>
/// <item>Beside all that, in a task that nobody waits for: <see cref="Result"/>; when it is ready, a slot; then the clone is sent with
/// <see cref="ToContent"/>.</item>
/// </list>
/// </remarks>
internal sealed class MirrorBody
{
    private static readonly Task<MirrorResult> Done = Task.FromResult(MirrorResult.Ready);
    private static readonly Task<MirrorResult> Long = Task.FromResult(MirrorResult.TooLong);

    private readonly HeaderCopy? _headers;
    private readonly MirrorSending? _sending;
    private HttpContent? _swapped;
    private ReadOnlyMemory<byte> _written;

    private MirrorBody(HttpRequestMessage request, int maxBytes)
    {
        Result = Done;
        if (request.Content is not { } content)
        {
            return;
        }

        if (content.Headers.ContentLength > maxBytes)
        {
            Result = Long;
            return;
        }

        _headers = new HeaderCopy(content.Headers);
        if (Replay.Classify(request) == ReplayMode.AsIs)
        {
            Result = WriteAsync(content, maxBytes);
        }
        else
        {
            _sending = new MirrorSending(maxBytes);
            Result = _sending.Result;
        }
    }

    /// <summary>Whether there is a whole copy; it never fails, and is there at the latest when the call's own body is sent.</summary>
    public Task<MirrorResult> Result { get; }

    /// <summary>Looks at the caller's content, and copies it if that can be done now.</summary>
    /// <param name="maxBytes">What is longer is not mirrored.</param>
    public static MirrorBody Of(HttpRequestMessage request, int maxBytes) => new(request, maxBytes);

    /// <summary>Has the request's content copied while it is sent, if it must be.</summary>
    public void Attach(HttpRequestMessage request)
    {
        if (_sending is not null && request.Content is { } content)
        {
            _swapped = content;
            request.Content = new MirrorTee(content, _sending);
        }
    }

    /// <summary>Gives the request back the content that it had; a sending under way may still end well.</summary>
    public void Detach(HttpRequestMessage request)
    {
        try
        {
            if (_sending is not null && request.Content is MirrorTee tee && tee.IsFor(_sending))
            {
                request.Content = _swapped;
            }
        }
        catch (ObjectDisposedException)
        {
            // By its caller, while it was under way. Whoever swapped the content disposes it.
        }

        _sending?.Close();
    }

    /// <summary>A new content with what was copied, once <see cref="Result"/> is ready; null where the request has none.</summary>
    public HttpContent? ToContent()
    {
        if (_headers is not { } headers)
        {
            return null;
        }

        var content = new ReadOnlyMemoryContent(_sending?.Bytes ?? _written);
        headers.AddTo(content.Headers);
        content.Headers.Remove("Content-Length");
        return content;
    }

    private async Task<MirrorResult> WriteAsync(HttpContent content, int maxBytes)
    {
        using var copy = new LimitedBuffer(maxBytes);
        try
        {
            await content.CopyToAsync(copy).ConfigureAwait(false);
            _written = copy.Bytes;
            return copy.IsTooLong ? MirrorResult.TooLong : MirrorResult.Ready;
        }
        catch (Exception)
        {
            // Stopped for being too long; else the call will meet the same, and tell its caller.
            return copy.IsTooLong ? MirrorResult.TooLong : MirrorResult.Unreadable;
        }
    }
}

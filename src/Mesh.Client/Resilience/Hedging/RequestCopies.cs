using System.Net.Http.Headers;

namespace Mesh.Client.Resilience.Hedging;

/// <summary>
/// Copies of one request, so that several can be under way while the caller's own stays as it is: with its method, URI, headers, options,
/// version and version policy, and the same bytes.
/// </summary>
internal sealed class RequestCopies
{
    /// <summary>A longer body is not kept in memory for the sake of a hedge.</summary>
    public const int MaxBody = 64 * 1024;

    private readonly HttpRequestMessage _request;
    private readonly byte[]? _body;

    private RequestCopies(HttpRequestMessage request, byte[]? body)
    {
        _request = request;
        _body = body;
    }

    /// <summary>
    /// Whether only one copy may be under way: the body is longer than is kept, so that the copy sends the caller's own content.
    /// </summary>
    public bool IsOnlyOne => _body is null && _request.Content is not null;

    /// <summary>Whether a request's body, if it has one, could be kept: its length is known and small, or it can be read again.</summary>
    public static bool AreFor(HttpRequestMessage request) =>
        request.Content is not { } content
        || (content.Headers.ContentLength is { } length ? length <= MaxBody : Replay.Classify(request) is ReplayMode.AsIs);

    /// <summary>Reads the body, once for all copies.</summary>
    public static async ValueTask<RequestCopies> OfAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Content is not { } content ? new(request, null)
        : content.Headers.ContentLength is not null
            ? new(request, await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false))
        : new(request, await ReadAsync(content, cancellationToken).ConfigureAwait(false));

    public HttpRequestMessage Make()
    {
        var copy = new HttpRequestMessage(_request.Method, _request.RequestUri)
        {
            Version = _request.Version,
            VersionPolicy = _request.VersionPolicy,
        };
        Copy(_request.Headers, copy.Headers);
        IDictionary<string, object?> options = _request.Options;
        if (options.Count > 0)
        {
            foreach (KeyValuePair<string, object?> option in options)
            {
                ((IDictionary<string, object?>)copy.Options)[option.Key] = option.Value;
            }
        }

        if (_body is not null)
        {
            copy.Content = new ByteArrayContent(_body);
            Copy(_request.Content!.Headers, copy.Content.Headers);
        }
        else if (_request.Content is { } content)
        {
            // Whoever disposes the copy does not dispose what is the caller's.
            copy.Content = new ReplayContent(content, maxCopy: 0) { GivesTheSame = true };
        }

        return copy;
    }

    // Null: it is too long. It can be read again, so nothing is lost.
    private static async ValueTask<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var buffer = new LimitedBuffer(MaxBody);
        try
        {
            await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (buffer.IsTooLong && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return buffer.IsTooLong ? null : buffer.Bytes.ToArray();
    }

    private static void Copy(HttpHeaders from, HttpHeaders to)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in from.NonValidated)
        {
            to.TryAddWithoutValidation(header.Key, header.Value);
        }
    }
}

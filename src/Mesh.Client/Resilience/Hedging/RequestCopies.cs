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

    /// <summary>Whether a request's body, if it has one, can be kept: its length is known and small, or the framework has it in memory.</summary>
    public static bool AreFor(HttpRequestMessage request) =>
        request.Content is not { } content
        || (content.Headers.ContentLength is { } length ? length <= MaxBody : Replay.Classify(request) is ReplayMode.AsIs);

    /// <summary>Reads the body, once for all copies.</summary>
    public static async ValueTask<RequestCopies> OfAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(request, request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : null);

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

        return copy;
    }

    private static void Copy(HttpHeaders from, HttpHeaders to)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in from.NonValidated)
        {
            to.TryAddWithoutValidation(header.Key, header.Value);
        }
    }
}

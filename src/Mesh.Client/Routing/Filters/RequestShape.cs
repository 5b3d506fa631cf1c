namespace Mesh.Client.Routing.Filters;

/// <summary>A request's URI and headers, and those of its content, as they were.</summary>
internal sealed class RequestShape(HttpRequestMessage request)
{
    private readonly Uri? _uri = request.RequestUri;
    private readonly HeaderCopy _headers = new(request.Headers);
    private readonly HttpContent? _content = request.Content;
    private readonly HeaderCopy _contentHeaders = request.Content is { } content ? new(content.Headers) : default;

    public void Restore(HttpRequestMessage request)
    {
        _headers.Restore(request.Headers);

        // That very content's: another may be on its way in its place.
        if (_content is not null)
        {
            _contentHeaders.Restore(_content.Headers);
        }

        if (!ReferenceEquals(request.RequestUri, _uri))
        {
            try
            {
                request.RequestUri = _uri;
            }
            catch (ObjectDisposedException)
            {
                // By its caller, while it was under way.
            }
        }
    }
}

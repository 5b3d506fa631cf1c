using System.Net.Http.Headers;

namespace Mesh.Client.Routing.Filters;

/// <summary>Headers as they were: names, values, order.</summary>
internal readonly struct HeaderCopy
{
    private readonly KeyValuePair<string, HeaderStringValues>[] _headers;

    public HeaderCopy(HttpHeaders headers)
    {
        HttpHeadersNonValidated all = headers.NonValidated;
        _headers = all.Count == 0 ? [] : new KeyValuePair<string, HeaderStringValues>[all.Count];
        int next = 0;
        foreach (KeyValuePair<string, HeaderStringValues> header in all)
        {
            _headers[next++] = header;
        }
    }

    /// <summary>Makes the headers what they were.</summary>
    public void Restore(HttpHeaders headers)
    {
        headers.Clear();
        AddTo(headers);
    }

    public void AddTo(HttpHeaders headers)
    {
        foreach ((string name, HeaderStringValues values) in _headers)
        {
            if (values.Count == 1)
            {
                headers.TryAddWithoutValidation(name, values.ToString());
            }
            else
            {
                headers.TryAddWithoutValidation(name, values);
            }
        }
    }
}

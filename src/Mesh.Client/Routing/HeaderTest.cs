using System.Net.Http.Headers;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>Looks for a header's value, one of several if it has more, among those of the request and of its content.</summary>
internal sealed class HeaderTest(NamedMatch match)
{
    private readonly NameTest _value = new(match.Value, match.IsRegex);

    public bool Holds(HttpRequestMessage request) =>
        Holds(request.Headers) || (request.Content is { } content && Holds(content.Headers));

    private bool Holds(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(match.Name, out HeaderStringValues values))
        {
            return false;
        }

        foreach (string value in values)
        {
            if (_value.Holds(value))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Net;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>Looks for a query parameter's value, one of several if it comes more than once, both decoded as a form is.</summary>
internal sealed class QueryTest(NamedMatch match)
{
    private readonly NameTest _value = new(match.Value, match.IsRegex);

    /// <param name="query">Without its question mark.</param>
    public bool Holds(ReadOnlySpan<char> query)
    {
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> parameter = query[range];
            int equals = parameter.IndexOf('=');
            ReadOnlySpan<char> name = Decode(equals < 0 ? parameter : parameter[..equals]);
            if (name.SequenceEqual(match.Name) && _value.Holds(Decode(equals < 0 ? [] : parameter[(equals + 1)..])))
            {
                return true;
            }
        }

        return false;
    }

    // Most have nothing to decode, and cost nothing.
    private static ReadOnlySpan<char> Decode(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? WebUtility.UrlDecode(text.ToString()) : text;
}

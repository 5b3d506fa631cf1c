using System.Text.RegularExpressions;

namespace Mesh.Client.Routing;

/// <summary>
/// A regular expression for the whole of a text. The engine takes time linear in the text, so no expression and no request can hold a
/// caller up; what it cannot do (look-around, back references) is refused when the route is read.
/// </summary>
internal sealed class RoutePattern
{
    private readonly Regex _regex;

    /// <exception cref="FormatException">It is no regular expression, or none of this engine.</exception>
    public RoutePattern(string expression)
    {
        try
        {
            // Alone first: what is valid only between our parentheses is not valid.
            _ = new Regex(expression, Options);
            _regex = new Regex($@"\A(?:{expression})\z", Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{expression}' is not a usable regular expression: {e.Message}", e);
        }
    }

    private static RegexOptions Options => RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public bool Matches(ReadOnlySpan<char> text) => _regex.IsMatch(text);
}

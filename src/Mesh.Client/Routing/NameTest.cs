namespace Mesh.Client.Routing;

/// <summary>A text that must be one, or must match one expression.</summary>
internal readonly struct NameTest(string value, bool isRegex)
{
    private readonly RoutePattern? _pattern = isRegex ? new RoutePattern(value) : null;

    public bool Holds(ReadOnlySpan<char> text) => _pattern?.Matches(text) ?? text.SequenceEqual(value);
}

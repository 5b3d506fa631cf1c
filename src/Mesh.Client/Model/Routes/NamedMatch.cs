namespace Mesh.Client.Model.Routes;

/// <summary>What a header or a query parameter must be: one of its values is enough (Linkerd).</summary>
/// <param name="Name">Of a header without regard to case, of a parameter exactly.</param>
/// <param name="Value">The value, or a regular expression for the whole of it.</param>
/// <param name="IsRegex">Which of the two.</param>
internal readonly record struct NamedMatch(string Name, string Value, bool IsRegex = false);

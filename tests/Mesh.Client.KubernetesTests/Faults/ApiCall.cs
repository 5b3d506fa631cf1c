namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>A request as the server saw it.</summary>
/// <param name="Verb">
/// <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, or <c>discover</c>: what the group serves.
/// </param>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Plural">The kind.</param>
/// <param name="Namespace">Empty: all.</param>
/// <param name="Query">Its parameters.</param>
internal sealed record ApiCall(
    string Verb, string Group, string Plural, string Namespace, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>Of one object; empty: none is named.</summary>
    public string Name { get; init; } = "";

    /// <summary>How it is to be changed.</summary>
    public string? ContentType { get; init; }

    public required string Protocol { get; init; }

    public string? UserAgent { get; init; }

    public string? Authorization { get; init; }

    public string? AcceptEncoding { get; init; }

    /// <summary>The subject of the client's certificate.</summary>
    public string? Certificate { get; init; }

    public bool IsContinued => Query.ContainsKey("continue");

    public bool IsStreamedList => Query.ContainsKey("sendInitialEvents");

    public string? this[string parameter] => Query.GetValueOrDefault(parameter);
}

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>A request as it came to a pod's proxy.</summary>
/// <param name="From">The connection it came over.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="Authority">Host or <c>:authority</c>.</param>
/// <param name="Headers">In lower case.</param>
internal sealed record PodRequest(PodConnection From, string Protocol, string Authority, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);
}

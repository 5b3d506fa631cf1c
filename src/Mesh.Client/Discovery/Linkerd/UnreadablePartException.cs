using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>A part of a policy that makes no sense: the route that it belongs to is left out.</summary>
/// <param name="place">Where it stands: <c>http1.routes[3].rules[0].matches[1].path.regex</c>.</param>
/// <param name="problem">What is wrong there; foreign text is cleaned.</param>
internal sealed class UnreadablePartException(string place, string problem) : Exception($"{place}: {RpcReason.Clean(problem)}");

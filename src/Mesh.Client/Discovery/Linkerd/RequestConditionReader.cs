using System.Collections.Immutable;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a request must be for a profile's route.</summary>
internal static class RequestConditionReader
{
    /// <exception cref="UnreadablePartException">A part of it cannot be asked.</exception>
    public static RequestCondition Read(RequestMatch? wire, string place) => wire?.MatchCase switch
    {
        RequestMatch.MatchOneofCase.All => new RequestCondition.All(Read(wire.All, $"{place}.all")),
        RequestMatch.MatchOneofCase.Any => new RequestCondition.Any(Read(wire.Any, $"{place}.any")),
        RequestMatch.MatchOneofCase.Not => new RequestCondition.Not(Read(wire.Not, $"{place}.not")),
        RequestMatch.MatchOneofCase.Path => new RequestCondition.Path(WireRegex.Read(wire.Path.Regex, $"{place}.path.regex")),
        RequestMatch.MatchOneofCase.Method => new RequestCondition.Method(WireMethods.Read(wire.Method, $"{place}.method")),
        _ => throw new UnreadablePartException(place, "it is missing, or of a kind that is not known"),
    };

    private static ImmutableArray<RequestCondition> Read(RequestMatch.Types.Seq wire, string place) =>
        [.. wire.Matches.Select((match, i) => Read(match, $"{place}.matches[{i}]"))];
}

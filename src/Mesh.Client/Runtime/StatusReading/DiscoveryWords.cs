using Mesh.Client.Model;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>What discovery knows of a service, in a word.</summary>
internal static class DiscoveryWords
{
    public static string Of(EndpointSetStatus status) => status switch
    {
        EndpointSetStatus.Known => "known",
        EndpointSetStatus.NotFound => "not_found",
        EndpointSetStatus.Refused => "refused",
        _ => "unknown",
    };
}

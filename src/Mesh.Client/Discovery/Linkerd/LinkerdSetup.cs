using System.Text.Json;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Where a Linkerd control plane is and who asks it: options, seen as what is used of them. Expects valid options.</summary>
internal sealed record LinkerdSetup
{
    public required Uri Destination { get; init; }

    /// <summary>Null leaves it to the address's scheme.</summary>
    public WorkloadIdentity? DestinationIdentity { get; init; }

    public required Uri Policy { get; init; }

    /// <summary>Null leaves it to the address's scheme.</summary>
    public WorkloadIdentity? PolicyIdentity { get; init; }

    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Who asks for endpoints and profiles: its node tells the zone.</summary>
    public required string ContextToken { get; init; }

    /// <summary>Who asks for policies.</summary>
    public required string SourceWorkload { get; init; }

    /// <summary>Whether addresses without a name are asked for too.</summary>
    public bool Addresses { get; init; } = true;

    public static LinkerdSetup Of(MeshClientOptions options)
    {
        MeshLinkerdOptions linkerd = options.Linkerd;
        string ns = $"\"ns\":\"{JsonEncodedText.Encode(options.Namespace)}\"";
        string pod = $"\"pod\":\"{JsonEncodedText.Encode(linkerd.Pod ?? "")}\"";
        string node = linkerd.Node is null ? "" : $"\"nodeName\":\"{JsonEncodedText.Encode(linkerd.Node)}\",";
        return new LinkerdSetup
        {
            Destination = linkerd.Destination.Address!,
            DestinationIdentity = Identity(linkerd.Destination),
            Policy = linkerd.Policy.Address!,
            PolicyIdentity = Identity(linkerd.Policy),
            ClusterDomain = options.ClusterDomain,
            ContextToken = $"{{{ns},{node}{pod}}}",
            SourceWorkload = $"{{{ns},{pod}}}",
            Addresses = linkerd.Addresses,
        };
    }

    private static WorkloadIdentity? Identity(MeshControlPlaneOptions server) =>
        WorkloadIdentity.TryParse(server.Identity, out WorkloadIdentity? identity) ? identity : null;
}

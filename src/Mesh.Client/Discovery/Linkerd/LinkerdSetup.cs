using System.Text.Json;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Where a Linkerd control plane is and who asks it: options, seen as what is used of them. Expects valid options.</summary>
internal sealed record LinkerdSetup
{
    /// <summary>What kind of control plane it is, in words for people.</summary>
    public string Kind { get; init; } = "Linkerd control plane";

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
        (string context, string workload) = Asking(options.Namespace, linkerd.Pod, linkerd.Node);
        return new LinkerdSetup
        {
            Destination = linkerd.Destination.Address!,
            DestinationIdentity = Identity(linkerd.Destination),
            Policy = linkerd.Policy.Address!,
            PolicyIdentity = Identity(linkerd.Policy),
            ClusterDomain = options.ClusterDomain,
            ContextToken = context,
            SourceWorkload = workload,
            Addresses = linkerd.Addresses,
        };
    }

    /// <summary>The mesh's own control plane, which has all of it at one address.</summary>
    public static LinkerdSetup OfControlPlane(MeshClientOptions options, LinkerdEnvironment pod)
    {
        MeshControlPlaneOptions server = options.ControlPlane;
        (string context, string workload) = Asking(
            options.Namespace,
            pod.Read(LinkerdEnvironment.Pod) ?? Environment.MachineName,
            pod.Read(LinkerdEnvironment.Node));
        return new LinkerdSetup
        {
            Kind = "control plane",
            Destination = server.Address!,
            DestinationIdentity = Identity(server),
            Policy = server.Address!,
            PolicyIdentity = Identity(server),
            ClusterDomain = options.ClusterDomain,
            ContextToken = context,
            SourceWorkload = workload,
            Addresses = false,
        };
    }

    private static (string ContextToken, string SourceWorkload) Asking(string nameSpace, string? name, string? node)
    {
        string ns = $"\"ns\":\"{JsonEncodedText.Encode(nameSpace)}\"";
        string pod = $"\"pod\":\"{JsonEncodedText.Encode(name ?? "")}\"";
        string on = node is null ? "" : $"\"nodeName\":\"{JsonEncodedText.Encode(node)}\",";
        return ($"{{{ns},{on}{pod}}}", $"{{{ns},{pod}}}");
    }

    private static WorkloadIdentity? Identity(MeshControlPlaneOptions server) =>
        WorkloadIdentity.TryParse(server.Identity, out WorkloadIdentity? identity) ? identity : null;
}

using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>What the registrations of this server with all replicas of its control plane have in common.</summary>
/// <param name="ControlPlane">As it is configured.</param>
/// <param name="Address">Where this server is called.</param>
/// <param name="Options">They name a service.</param>
internal sealed record RegistrationContext(
    Uri ControlPlane,
    OwnAddress Address,
    MeshServerOptions Options,
    MeshConfiguration Configuration,
    ControlPlanes ControlPlanes,
    CredentialStore Credentials,
    RegistryMetrics Metrics,
    TimeProvider Time,
    RegistrationLog Log)
{
    /// <summary>Who of them registers with which process.</summary>
    public ReplicaClaims Claims { get; } = new();

    public string Service => Options.Service!;
}

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Settings that hold from the start of a process to its end.</summary>
internal static class FixedOptions
{
    public static bool AreSame(MeshClientOptions one, MeshClientOptions other) => Of(one).SequenceEqual(Of(other));

    private static object?[] Of(MeshClientOptions options)
    {
        MeshIdentityOptions identity = options.Identity;
        MeshLinkerdOptions linkerd = options.Linkerd;
        return
        [
            options.ControlPlane.Address, options.ControlPlane.Identity, options.ControlPlane.Policies, identity.Source, identity.Mode,
            identity.CertificateFile, identity.PrivateKeyFile, identity.TrustBundle, identity.TokenFile, identity.Name, identity.Socket,
            linkerd.Enabled, linkerd.ControlPlaneNamespace, linkerd.TrustDomain, linkerd.Destination.Address, linkerd.Destination.Identity,
            linkerd.Policy.Address, linkerd.Policy.Identity, linkerd.Identity.Address, linkerd.Identity.Identity, linkerd.ServiceAccount,
            linkerd.Pod, linkerd.Node, linkerd.Addresses, linkerd.UpgradeHttp1, options.Telemetry.LinkerdNames,
        ];
    }
}

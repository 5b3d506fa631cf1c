namespace Mesh.Client.Discovery.Configuration;

/// <summary>Settings that hold from the start of a process to its end.</summary>
internal static class FixedOptions
{
    public static bool AreSame(MeshClientOptions one, MeshClientOptions other) => Of(one).SequenceEqual(Of(other));

    private static object?[] Of(MeshClientOptions options)
    {
        MeshIdentityOptions identity = options.Identity;
        return
        [
            options.ControlPlane.Address, options.ControlPlane.Identity, identity.Source, identity.Mode, identity.CertificateFile,
            identity.PrivateKeyFile, identity.TrustBundle, identity.TokenFile, identity.Name, identity.Socket,
        ];
    }
}

using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Discovery.Configuration.Writing;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Writes the options of a server, of a control plane and of the status as the settings that say them.</summary>
internal static class ServerWriter
{
    private static readonly MeshServerOptions Server = new();
    private static readonly MeshAuthorityOptions Authority = new();
    private static readonly MeshRegistryOptions Registry = new();
    private static readonly MeshInjectorOptions Injector = new();
    private static readonly MeshControlPlaneLimitOptions Limits = new();
    private static readonly MeshStatusOptions Status = new();

    /// <param name="current">The options now, of which the policy alone holds.</param>
    /// <param name="started">Those of the start.</param>
    public static SettingList Write(MeshServerOptions current, MeshServerOptions started)
    {
        var all = new SettingList();
        all.Add(
            nameof(current.InboundPolicy), InboundPolicyNames.Of(current.InboundPolicy), InboundPolicyNames.Of(Server.InboundPolicy));
        SettingList at = all.FromTheStart;
        at.Add(nameof(started.Service), started.Service);
        at.Add(nameof(started.Instance), started.Instance);
        at.Add(nameof(started.Zone), started.Zone);
        at.Add(nameof(started.Weight), started.Weight, Server.Weight);
        at.Add(nameof(started.Address), started.Address);
        at.Texts(nameof(started.Labels), started.Labels);
        at.Add(nameof(started.DeadlineHeader), started.DeadlineHeader);
        return all;
    }

    public static void Write(SettingList at, MeshAuthorityOptions options)
    {
        at.Add(nameof(options.Directory), options.Directory);
        at.Add(nameof(options.LeafLifetime), options.LeafLifetime, Authority.LeafLifetime);
        at.Add(nameof(options.IntermediateLifetime), options.IntermediateLifetime, Authority.IntermediateLifetime);
        at.Add(nameof(options.RootLifetime), options.RootLifetime, Authority.RootLifetime);
    }

    public static void Write(SettingList at, MeshRegistryOptions options)
    {
        at.Add(nameof(options.AllowForeignAddresses), options.AllowForeignAddresses, Registry.AllowForeignAddresses);
        at.Entries(nameof(options.Services), options.Services, static (at, service) =>
            at.Texts(nameof(service.Identities), service.Identities));
    }

    public static void Write(SettingList at, MeshInjectorOptions options)
    {
        at.Add(nameof(options.ControlPlaneAddress), options.ControlPlaneAddress, Injector.ControlPlaneAddress);
        at.Add(nameof(options.ControlPlaneIdentity), options.ControlPlaneIdentity);
        at.Add(nameof(options.IdentityTemplate), options.IdentityTemplate, Injector.IdentityTemplate);
        at.Add(nameof(options.IdentityMode), options.IdentityMode);
        at.Add(nameof(options.TokenAudience), options.TokenAudience, Injector.TokenAudience);
        at.Add(nameof(options.TokenLifetime), options.TokenLifetime, Injector.TokenLifetime);
        at.Add(nameof(options.TokenMountPath), options.TokenMountPath, Injector.TokenMountPath);
        at.Add(nameof(options.TrustBundleConfigMap), options.TrustBundleConfigMap, Injector.TrustBundleConfigMap);
        at.Add(nameof(options.TrustBundleMountPath), options.TrustBundleMountPath, Injector.TrustBundleMountPath);
        at.Add(nameof(options.InjectByDefault), options.InjectByDefault, Injector.InjectByDefault);
        at.Add(nameof(options.ServerName), options.ServerName, Injector.ServerName);
        at.Add(nameof(options.CertificateFile), options.CertificateFile);
        at.Add(nameof(options.PrivateKeyFile), options.PrivateKeyFile);
    }

    public static void Write(SettingList at, MeshControlPlaneLimitOptions options)
    {
        at.Add(nameof(options.Streams), options.Streams, Limits.Streams);
        at.Add(nameof(options.Registrations), options.Registrations, Limits.Registrations);
        at.Add(nameof(options.Openings), options.Openings, Limits.Openings);
        at.Add(nameof(options.Certificates), options.Certificates, Limits.Certificates);
        at.Add(nameof(options.StreamsPerClient), options.StreamsPerClient, Limits.StreamsPerClient);
        at.Add(nameof(options.CertificatesPerClient), options.CertificatesPerClient, Limits.CertificatesPerClient);
    }

    public static void Write(SettingList at, MeshStatusOptions options)
    {
        at.Add(nameof(options.AuthorizationPolicy), options.AuthorizationPolicy);
        at.Add(nameof(options.HidePaths), options.HidePaths, Status.HidePaths);
    }
}

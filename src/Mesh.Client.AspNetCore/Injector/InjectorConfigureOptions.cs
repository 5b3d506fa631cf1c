using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Reads the section <c>Injector</c>. Throws nothing: errors wait for the validator.</summary>
internal sealed class InjectorConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshInjectorOptions>
{
    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshInjectorOptions options)
    {
        options.SectionPath = Section.Path;
        new SectionCursor(Section, options.ReadErrors).ReadInto(options, Read);
    }

    private static void Read(SectionCursor at, MeshInjectorOptions options)
    {
        options.ControlPlaneAddress = at.Address(nameof(options.ControlPlaneAddress)) ?? options.ControlPlaneAddress;
        options.ControlPlaneIdentity = at.Text(nameof(options.ControlPlaneIdentity)) ?? options.ControlPlaneIdentity;
        options.IdentityTemplate = at.Text(nameof(options.IdentityTemplate)) ?? options.IdentityTemplate;
        options.IdentityMode = at.Choice<MeshIdentityMode>(nameof(options.IdentityMode)) ?? options.IdentityMode;
        options.TokenAudience = at.Text(nameof(options.TokenAudience)) ?? options.TokenAudience;
        options.TokenLifetime = at.Duration(nameof(options.TokenLifetime)) ?? options.TokenLifetime;
        options.TokenMountPath = at.Text(nameof(options.TokenMountPath)) ?? options.TokenMountPath;
        options.TrustBundleConfigMap = at.Text(nameof(options.TrustBundleConfigMap)) ?? options.TrustBundleConfigMap;
        options.TrustBundleMountPath = at.Text(nameof(options.TrustBundleMountPath)) ?? options.TrustBundleMountPath;
        options.InjectByDefault = at.Flag(nameof(options.InjectByDefault)) ?? options.InjectByDefault;
        options.ServerName = at.Text(nameof(options.ServerName)) ?? options.ServerName;
        options.CertificateFile = at.Text(nameof(options.CertificateFile)) ?? options.CertificateFile;
        options.PrivateKeyFile = at.Text(nameof(options.PrivateKeyFile)) ?? options.PrivateKeyFile;
    }
}

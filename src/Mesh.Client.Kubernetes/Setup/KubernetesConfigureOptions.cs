using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>Reads the section <c>Kubernetes</c> below each that the mesh reads. Throws nothing: errors wait for the validator.</summary>
internal sealed class KubernetesConfigureOptions(IEnumerable<IConfigureOptions<MeshClientOptions>> mesh)
    : IConfigureOptions<MeshKubernetesOptions>
{
    public const string Key = "Kubernetes";

    public void Configure(MeshKubernetesOptions options)
    {
        foreach (MeshConfigureOptions section in mesh.OfType<MeshConfigureOptions>())
        {
            IConfigurationSection own = section.Section.GetSection(Key);
            options.SectionPath = own.Path;
            if (own.Exists())
            {
                new SectionCursor(own, options.ReadErrors).ReadInto(options, Read);
            }
        }
    }

    private static void Read(SectionCursor at, MeshKubernetesOptions options)
    {
        options.Enabled = at.Flag(nameof(options.Enabled)) ?? options.Enabled;
        options.KubeConfig = at.Text(nameof(options.KubeConfig)) ?? options.KubeConfig;
        options.Context = at.Text(nameof(options.Context)) ?? options.Context;
        options.Node = at.Text(nameof(options.Node)) ?? options.Node;
        options.Zone = at.Text(nameof(options.Zone)) ?? options.Zone;
        options.IPFamily = at.Choice<MeshIPFamily>(nameof(options.IPFamily)) ?? options.IPFamily;
        options.Pods = at.Flag(nameof(options.Pods)) ?? options.Pods;
        options.RequireReferenceGrants = at.Flag(nameof(options.RequireReferenceGrants)) ?? options.RequireReferenceGrants;
    }
}

using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// What stands in the mesh's sections for packages that this process does not use: it is in force nowhere, and whoever wrote it may believe
/// that it is.
/// </summary>
internal static class UnreadSettings
{
    public static IEnumerable<SettingStatus> Of(
        IEnumerable<IConfigurationSection> mesh, IEnumerable<IConfigurationSection> read, IConfigurationRoot? root)
    {
        HashSet<string> paths = new(read.Select(section => section.Path), StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection section in mesh)
        {
            foreach (string package in OptionsReader.OtherPackages)
            {
                IConfigurationSection its = section.GetSection(package);
                foreach (IConfigurationSection leaf in paths.Contains(its.Path) ? [] : Leaves(its))
                {
                    string value = Secrets.Show(leaf.Path[section.Path.Length..], leaf.Value!);
                    yield return new SettingStatus(leaf.Path, value, $"{SettingSources.Of(root, leaf)}, and nothing here reads it");
                }
            }
        }
    }

    private static IEnumerable<IConfigurationSection> Leaves(IConfigurationSection section) =>
        section.GetChildren().SelectMany(Leaves).Concat(section.Value is null ? [] : [section]);
}

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
    public static IEnumerable<ListedSetting> Of(
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
                    string below = leaf.Path[(section.Path.Length + 1)..];
                    string source = $"{SettingSources.Of(root, leaf)}, and nothing here reads it";
                    yield return ListedSetting.Of(below, new SettingStatus(leaf.Path, Secrets.Show(below, leaf.Value!), source));
                }
            }
        }
    }

    private static IEnumerable<IConfigurationSection> Leaves(IConfigurationSection section) =>
        section.GetChildren().SelectMany(Leaves).Concat(section.Value is null ? [] : [section]);
}

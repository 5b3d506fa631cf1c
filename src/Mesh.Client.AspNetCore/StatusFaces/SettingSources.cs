using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Where a setting was said.</summary>
internal static class SettingSources
{
    /// <summary>In words: the provider that wins. Of a section, the one that wins its first value.</summary>
    public static string Of(IConfigurationRoot? root, IConfigurationSection section)
    {
        IConfigurationSection leaf = section;
        while (leaf.Value is null && leaf.GetChildren().FirstOrDefault() is { } child)
        {
            leaf = child;
        }

        return Find(root, leaf.Path) is { } provider ? Name(provider) : "configuration";
    }

    private static IConfigurationProvider? Find(IConfigurationRoot? root, string path)
    {
        foreach (IConfigurationProvider provider in root?.Providers.Reverse() ?? [])
        {
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot chained })
            {
                if (Find(chained, path) is { } found)
                {
                    return found;
                }
            }
            else if (provider.TryGet(path, out _))
            {
                return provider;
            }
        }

        return null;
    }

    private static string Name(IConfigurationProvider provider) => provider switch
    {
        FileConfigurationProvider file => Path.GetFileName(file.Source.Path) ?? "file",
        EnvironmentVariablesConfigurationProvider => "environment variable",
        CommandLineConfigurationProvider => "command line",
        MemoryConfigurationProvider => "memory",
        _ => provider.GetType().Name.Replace("ConfigurationProvider", "", StringComparison.Ordinal),
    };
}

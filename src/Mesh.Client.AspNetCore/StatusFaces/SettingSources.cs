using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Where a setting was said.</summary>
internal static class SettingSources
{
    /// <summary>In words: the provider that wins.</summary>
    public static string Of(IConfigurationRoot? root, string path) => Find(root, path) is { } provider ? Name(provider) : "configuration";

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

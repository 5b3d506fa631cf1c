using System.Globalization;
using Mesh.Client.Discovery.Configuration.Writing;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Where configuration writes a <see cref="Setting"/>.</summary>
internal static class ConfiguredSettings
{
    /// <summary>Null: nowhere.</summary>
    public static IConfigurationSection? Find(IConfigurationSection section, string path)
    {
        IConfigurationSection at = section;
        foreach (string name in path.Split(':'))
        {
            if (!name.StartsWith('['))
            {
                at = at.GetSection(name);
            }
            else if (int.Parse(name.AsSpan(1, name.Length - 2), CultureInfo.InvariantCulture) is var place
                && at.GetChildren().Skip(place).FirstOrDefault() is { } entry)
            {
                at = entry;
            }
            else
            {
                return null;
            }
        }

        return at.Exists() ? at : null;
    }

    /// <summary>The path as it is where every list counts from 0.</summary>
    public static string Plain(string path) =>
        path.Replace(":[", ":", StringComparison.Ordinal).Replace("]:", ":", StringComparison.Ordinal) is var plain && plain.EndsWith(']')
            && !plain.EndsWith("[]", StringComparison.Ordinal)
            ? plain[..^1]
            : plain;
}

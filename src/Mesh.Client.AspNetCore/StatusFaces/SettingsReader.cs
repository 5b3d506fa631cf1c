using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// Reads the mesh's sections as they are in force, each value with its source. Read again after a change that was taken; while the latest
/// was refused, what was read before it stands.
/// </summary>
internal sealed class SettingsReader(
    MeshConfiguration configuration, IEnumerable<IConfigurationSection> sections, IConfigurationRoot? root, bool isSetInCode)
{
    private const int MaxSettings = 500;
    private const string Endpoints = "Endpoints";

    private readonly IConfigurationSection[] _sections = [.. sections];
    private readonly Lock _lock = new();
    private ServiceNames? _readAt;
    private SettingStatus[] _settings = [];

    public IReadOnlyList<SettingStatus> Read()
    {
        lock (_lock)
        {
            ServiceNames names = configuration.Names;
            if (_readAt is null || (!ReferenceEquals(_readAt, names) && configuration.Problem is null))
            {
                _settings = ReadAll();
                _readAt = names;
            }

            return _settings;
        }
    }

    private SettingStatus[] ReadAll()
    {
        var settings = new SortedDictionary<string, SettingStatus>(StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection section in _sections)
        {
            Walk(section, section.Path.Length, settings);
        }

        if (isSetInCode)
        {
            settings["(further)"] = new SettingStatus("(further)", "options are set by the application itself, and are not told here", "code");
        }

        int more = settings.Count - MaxSettings;
        IEnumerable<SettingStatus> told = settings.Values.Take(MaxSettings);
        return more <= 0 ? [.. told] : [.. told, new SettingStatus("…", string.Create(CultureInfo.InvariantCulture, $"{more} more"), "")];
    }

    private void Walk(IConfigurationSection section, int above, SortedDictionary<string, SettingStatus> settings)
    {
        if (section.Value is { } value)
        {
            string path = section.Path;
            settings[path] = new SettingStatus(path, Secrets.Show(path[above..], value), SettingSources.Of(root, path));
        }

        IConfigurationSection[] children = [.. section.GetChildren()];
        if (section.Key.Equals(Endpoints, StringComparison.OrdinalIgnoreCase) && children.Length > 0)
        {
            // Each of them is shown as an endpoint, and there may be thousands.
            string count = string.Create(CultureInfo.InvariantCulture, $"{children.Length} of them");
            settings[section.Path] = new SettingStatus(section.Path, count, Source(children[0]));
            return;
        }

        foreach (IConfigurationSection child in children)
        {
            Walk(child, above, settings);
        }
    }

    private string Source(IConfigurationSection section)
    {
        IConfigurationSection leaf = section;
        while (leaf.Value is null && leaf.GetChildren().FirstOrDefault() is { } child)
        {
            leaf = child;
        }

        return SettingSources.Of(root, leaf.Path);
    }
}

using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// Reads the settings of one place as they are in force, each with its source. Read again after a change that was taken; while the latest
/// was refused, what was read before it stands.
/// </summary>
internal sealed class PlaceReader(SettingsPlace place, IConfigurationRoot? root)
{
    private const string Code = "code";
    private const string Filled = "Linkerd's chart and the pod";

    private object? _readAt;
    private Dictionary<string, Found> _found = [];

    /// <summary>The same list until something changes.</summary>
    public IReadOnlyList<SettingStatus> Settings { get; private set; } = [];

    public void Read()
    {
        object version = place.Version();
        if (_readAt is null || (!version.Equals(_readAt) && !place.IsRefused()))
        {
            _found = ReadAll();
            Settings = [.. _found.Values.Select(found => found.Shown)];
            _readAt = version;
        }
    }

    private Dictionary<string, Found> ReadAll()
    {
        (IConfigurationSection Section, Dictionary<string, Setting> Says)[] written =
            [.. place.Sections.Reverse().Select(section => (section, Index(place.Read(section))))];
        var all = new Dictionary<string, Found>(StringComparer.OrdinalIgnoreCase);
        foreach (Setting setting in place.InForce().All)
        {
            IConfigurationSection? says = null;
            IConfigurationSection? saysOtherwise = null;
            foreach ((IConfigurationSection section, Dictionary<string, Setting> settings) in written)
            {
                if (settings.TryGetValue(setting.Path, out Setting? said) && ConfiguredSettings.Find(section, setting.Path) is { } at)
                {
                    says ??= said.Says(setting) ? at : null;
                    saysOtherwise ??= said.Says(setting) ? null : at;
                }
            }

            if (says is null && saysOtherwise is null && setting.IsBuiltIn)
            {
                continue;
            }

            string path = (says ?? saysOtherwise)?.Path ?? $"{place.Path()}:{ConfiguredSettings.Plain(setting.Path)}";
            string source = says is not null ? SettingSources.Of(root, says)
                : place.IsFilled?.Invoke(setting) == true ? Filled
                : Before(setting) ?? Code;
            bool isOld = says is null && source is not (Filled or Code);
            var shown = new SettingStatus(path, Show(setting), isOld ? $"{source}, at the start" : source);
            all[setting.Path] = new Found(setting, source, shown);
        }

        return all;
    }

    // What is read at the start only stays as it was then, and so does who said it.
    private string? Before(Setting setting) =>
        setting.IsFixed && _found.TryGetValue(setting.Path, out Found? before) && before.Setting.Says(setting) ? before.Source : null;

    // What the sections above are called is the application's, and no sign of a secret.
    private static string Show(Setting setting) => Secrets.Show(ConfiguredSettings.Plain(setting.Path), setting.Value);

    private static Dictionary<string, Setting> Index(SettingList settings)
    {
        var index = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        foreach (Setting setting in settings.All)
        {
            index[setting.Path] = setting;
        }

        return index;
    }

    private sealed record Found(Setting Setting, string Source, SettingStatus Shown);
}

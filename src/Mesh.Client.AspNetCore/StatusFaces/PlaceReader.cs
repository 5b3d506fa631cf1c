using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// Reads the settings of one place as they are in force, each with its source. Read again after a change that was taken. What configuration
/// says by now need not hold: what it said before is remembered.
/// </summary>
internal sealed class PlaceReader(SettingsPlace place, IConfigurationRoot? root)
{
    private const string BuiltIn = "built in";
    private const string Code = "code";
    private const string Earlier = "configuration before the change that was refused";
    private const string Filled = "Linkerd's chart and the pod";

    private object? _readAt;
    private bool _wasRefused;
    private Dictionary<string, Found> _found = [];

    /// <summary>The same list until something changes.</summary>
    public IReadOnlyList<SettingStatus> Settings { get; private set; } = [];

    public void Read()
    {
        object version = place.Version();
        bool isRefused = place.IsRefused();
        if (!version.Equals(_readAt) || isRefused != _wasRefused)
        {
            _found = ReadAll(isRefused);
            Settings = [.. _found.Values.Select(found => found.Shown)];
            _readAt = version;
            _wasRefused = isRefused;
        }
    }

    private Dictionary<string, Found> ReadAll(bool isRefused)
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

            // A change that was refused may say something where nobody did before.
            string? before = says is null && (setting.IsFixed || isRefused) ? Before(setting) : null;
            if (says is null && before is null && setting.IsBuiltIn && (saysOtherwise is null || isRefused))
            {
                continue;
            }

            string path = (says ?? saysOtherwise)?.Path ?? $"{place.Path()}:{ConfiguredSettings.Plain(setting.Path)}";
            string source = says is not null ? SettingSources.Of(root, says)
                : place.IsFilled?.Invoke(setting) == true ? Filled
                : before ?? (isRefused ? Earlier : setting is { IsFixed: true, IsBuiltIn: true } && _readAt is not null ? BuiltIn : Code);
            bool isOld = setting.IsFixed && says is null && source is not (Filled or Code or Earlier);
            var shown = new SettingStatus(path, Show(setting), isOld ? $"{source}, at the start" : source);
            all[setting.Path] = new Found(setting, source, shown);
        }

        return all;
    }

    // What holds as it did before, the same has said.
    private string? Before(Setting setting) =>
        _found.TryGetValue(setting.Path, out Found? before) && before.Setting.Says(setting) ? before.Source : null;

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

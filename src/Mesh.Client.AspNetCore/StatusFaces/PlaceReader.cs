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
    private const string Configuration = "configuration";
    private const string Filled = "Linkerd's chart and the pod";

    private object? _readAt;
    private (bool IsRefused, int Refused) _refusals;
    private Dictionary<string, Found> _found = [];

    /// <summary>The same list until something changes.</summary>
    public IReadOnlyList<ListedSetting> Settings { get; private set; } = [];

    public void Read()
    {
        object version = place.Version();
        (bool IsRefused, int) refusals = (place.IsRefused(), place.Refused());
        if (!version.Equals(_readAt) || refusals != _refusals)
        {
            _found = ReadAll(refusals.IsRefused);
            Settings = [.. _found.Values.Select(found => found.Shown)];
            _readAt = version;
            _refusals = refusals;
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
            Found? before = says is null && (setting.IsFixed || isRefused) ? Before(setting) : null;
            if (says is null && before is null && setting.IsBuiltIn && (saysOtherwise is null || isRefused))
            {
                continue;
            }

            string path = (says ?? saysOtherwise)?.Path ?? $"{place.Path()}:{ConfiguredSettings.Plain(setting.Path)}";
            string source = says is not null ? SettingSources.Of(root, says)
                : place.IsFilled?.Invoke(setting) == true ? Filled
                : before?.Source
                    ?? (isRefused ? Configuration : setting is { IsFixed: true, IsBuiltIn: true } && _readAt is not null ? BuiltIn : Code);
            bool isUnsaid = says is null && source is not (Filled or Code);
            bool isOld = isUnsaid && setting.IsFixed && (!isRefused || before?.IsOld == true);
            string told = isOld ? $"{source}, at the start" : isUnsaid && isRefused ? Earlier : source;
            var shown = new SettingStatus(path, Show(setting), told);
            all[setting.Path] = new Found(setting, source, isOld, ListedSetting.Of(setting.Path, shown));
        }

        return all;
    }

    // What holds as it did before, the same has said.
    private Found? Before(Setting setting) =>
        _found.TryGetValue(setting.Path, out Found? before) && before.Setting.Says(setting) ? before : null;

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

    /// <param name="Setting">As it is in force.</param>
    /// <param name="Source">Who said it, though it may say something else by now.</param>
    /// <param name="IsOld">Whether it says something else, in a change that was taken.</param>
    /// <param name="Shown">What is told of it.</param>
    private sealed record Found(Setting Setting, string Source, bool IsOld, ListedSetting Shown);
}

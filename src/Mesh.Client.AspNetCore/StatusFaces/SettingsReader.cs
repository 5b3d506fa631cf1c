using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads all settings that are in force, whoever set them.</summary>
/// <param name="places">The options.</param>
/// <param name="mesh">The mesh's own sections, which hold those of other packages too.</param>
/// <param name="root">Tells who says what; null: nobody does.</param>
/// <param name="said">What control planes say of services; the same list until that changes.</param>
internal sealed class SettingsReader(
    IEnumerable<SettingsPlace> places,
    IReadOnlyList<IConfigurationSection> mesh,
    IConfigurationRoot? root,
    Func<IReadOnlyList<SaidSetting>> said)
{
    private const int MaxSettings = 500;

    private readonly SettingsPlace[] _places = [.. places];
    private readonly Lock _lock = new();
    private PlaceReader[]? _readers;
    private object[] _parts = [];
    private SettingStatus[] _settings = [];
    private int _omitted;

    /// <summary>The process's own first, then those of every service, then those of each; sorted by path.</summary>
    /// <param name="omitted">How many are left out.</param>
    public IReadOnlyList<SettingStatus> Read(out int omitted)
    {
        lock (_lock)
        {
            _readers ??= [.. _places.Select(place => new PlaceReader(place, root))];
            Array.ForEach(_readers, reader => reader.Read());
            IReadOnlyList<SaidSetting> settings = said();
            object[] parts = [.. _readers.Select(reader => reader.Settings), settings];
            if (!parts.SequenceEqual(_parts, ReferenceEqualityComparer.Instance))
            {
                Merge(settings);
                _parts = parts;
            }

            omitted = _omitted;
            return _settings;
        }
    }

    private void Merge(IReadOnlyList<SaidSetting> saidSettings)
    {
        var all = new Dictionary<string, ListedSetting>(StringComparer.OrdinalIgnoreCase);
        IEnumerable<ListedSetting> unread = UnreadSettings.Of(mesh, _places.SelectMany(place => place.Sections), root);
        foreach (ListedSetting setting in unread.Concat(_readers!.SelectMany(reader => reader.Settings)))
        {
            all[setting.Shown.Path] = setting;
        }

        string above = _places[0].Path();
        foreach (SaidSetting one in saidSettings)
        {
            string path = $"{above}:{one.Setting.Path}";
            var shown = new SettingStatus(path, Secrets.Show(one.Setting.Path, one.Setting.Value), one.Source);
            all[path] = new ListedSetting(SettingScope.Service, shown);
        }

        _settings =
        [
            .. all.Values
                .OrderBy(setting => setting.Scope)
                .ThenBy(setting => setting.Shown.Path, StringComparer.OrdinalIgnoreCase)
                .Select(setting => setting.Shown)
                .Take(MaxSettings),
        ];
        _omitted = all.Count - _settings.Length;
    }
}

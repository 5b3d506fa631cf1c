using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Model;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads what sources give of services' policies. Made anew for services whose source said something new.</summary>
internal sealed class SaidSettingsReader
{
    private const string ControlPlane = "control plane";

    private readonly Lock _lock = new();
    private ServiceNames? _names;
    private Dictionary<string, Entry> _entries = [];
    private SaidSetting[] _all = [];

    public IReadOnlyList<SaidSetting> Read(ServiceNames names, ServiceRuntime[] services)
    {
        lock (_lock)
        {
            var entries = new Dictionary<string, Entry>();
            bool isSame = ReferenceEquals(_names, names);
            int kept = 0;
            foreach (ServiceRuntime service in services)
            {
                if (service.Snapshot.Set.Policy is not { } said)
                {
                    continue;
                }

                string name = service.Name.Authority;
                string source = Words(service.Source);
                if (isSame && _entries.TryGetValue(name, out Entry? entry) && ReferenceEquals(entry.Said, said) && entry.Source == source)
                {
                    kept++;
                    entries[name] = entry;
                }
                else
                {
                    entries[name] = new Entry(said, source, SaidSettings.Of(names, service.Name, said));
                }
            }

            if (!isSame || kept != entries.Count || kept != _entries.Count)
            {
                _all = [.. entries.Values.SelectMany(entry => entry.Settings.Select(setting => new SaidSetting(setting, entry.Source)))];
            }

            _names = names;
            _entries = entries;
            return _all;
        }
    }

    private static string Words(string? source) => Redacted.Text(source) switch
    {
        null => ControlPlane,
        var words when words.Contains(ControlPlane, StringComparison.OrdinalIgnoreCase) => words,
        var words => $"{ControlPlane} ({words})",
    };

    private sealed record Entry(TrafficPolicy Said, string Source, IReadOnlyList<Setting> Settings);
}

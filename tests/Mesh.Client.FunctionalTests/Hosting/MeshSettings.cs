using System.Collections;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Keys below <c>Mesh:</c> and their values; a key given twice has its last value.</summary>
internal sealed class MeshSettings : IEnumerable<(string Key, string? Value)>
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    public string? this[string key]
    {
        get => _values[key];
        set => _values[key] = value;
    }

    public void Add((string Key, string? Value) setting) => this[setting.Key] = setting.Value;

    public IEnumerator<(string Key, string? Value)> GetEnumerator() =>
        _values.Select(setting => (setting.Key, setting.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Settings as a source of configuration that may change while the application runs.</summary>
    internal sealed class Source(MeshSettings settings) : ConfigurationProvider, IConfigurationSource
    {
        public override void Load() => Data = Under([], settings);

        /// <summary>Forgets all settings for these and tells of the change.</summary>
        public void Replace(MeshSettings all)
        {
            Data = Under([], all);
            OnReload();
        }

        /// <summary>Changes some settings, keeps the others, and tells of the change.</summary>
        public void Change(IEnumerable<(string Key, string? Value)> some)
        {
            Data = Under(Data, some);
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        private static Dictionary<string, string?> Under(
            IEnumerable<KeyValuePair<string, string?>> before, IEnumerable<(string Key, string? Value)> changes)
        {
            var data = new Dictionary<string, string?>(before, StringComparer.OrdinalIgnoreCase);
            foreach ((string key, string? value) in changes)
            {
                data[$"Mesh:{key}"] = value;
            }

            return data;
        }
    }
}

using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What a container says itself.</summary>
internal sealed class OwnEnvironment
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="env">A list, or nothing.</param>
    public OwnEnvironment(JsonElement env)
    {
        foreach (JsonElement variable in env.Items())
        {
            string name = variable.Text("name") ?? "";
            _names.Add(name);

            // To .NET's configuration both forms are one key, whatever their case; of two values the last holds.
            _values[name.Replace(":", "__", StringComparison.Ordinal)] = variable.Text("value");
        }
    }

    public bool HasExactly(string name) => _names.Contains(name);

    /// <summary>Whether .NET's configuration has it.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Null also where it comes from elsewhere.</summary>
    public string? Value(string name) => _values.GetValueOrDefault(name);
}

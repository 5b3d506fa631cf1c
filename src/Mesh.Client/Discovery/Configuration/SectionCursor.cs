using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Reads one section key by key. What cannot be read is an error with its path and counts as not set; what was never asked for is
/// reported by <see cref="Done"/>. A key whose value is null is not set.
/// </summary>
internal sealed class SectionCursor
{
    private readonly List<string> _errors;
    private readonly Dictionary<string, IConfigurationSection> _children;
    private readonly List<string> _known = [];

    public SectionCursor(IConfigurationSection section, List<string> errors)
    {
        _errors = errors;
        Path = section.Path;
        Key = section.Key;
        Value = section.Value;
        _children = section.GetChildren().ToDictionary(child => child.Key, StringComparer.OrdinalIgnoreCase);

        // Children with a value of their own come from two providers that disagree.
        if (!string.IsNullOrEmpty(Value) && _children.Count > 0)
        {
            Error($"both a value, '{Value}', and keys below it");
        }
    }

    public string Path { get; }

    public string Key { get; }

    public string? Value { get; }

    public bool HasChildren => _children.Count > 0;

    public string? Text(string key) => Find(key) is { } child ? child.AsText() : null;

    public int? Int(string key) => Parse(
        key,
        "no whole number",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : (int?)null);

    public double? Number(string key) => Parse(
        key,
        "no number",
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : (double?)null);

    public bool? Flag(string key) => Parse(
        key,
        "neither true nor false",
        text => bool.TryParse(text, out bool value) ? value : (bool?)null);

    /// <summary>A number alone is refused: the format would take it for days.</summary>
    public TimeSpan? Duration(string key) => Parse(
        key,
        "no duration; write it as hh:mm:ss, such as 00:00:10 or 00:00:00.250",
        text => text.Contains(':') && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan value)
            ? value
            : (TimeSpan?)null);

    /// <summary>One of an enum's names, with or without underscores between its words; numbers are refused.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum => Parse(
            key,
            $"unknown; choose from {string.Join(", ", Enum.GetNames<T>())}",
            text => text.Replace("_", "", StringComparison.Ordinal) is var name
                && Enum.GetNames<T>().Contains(name, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(name, ignoreCase: true) : (T?)null);

    public Uri? Address(string key)
    {
        if (Find(key) is not { } child || child.AsText() is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? address))
        {
            child.Error($"'{text}' is no address");
        }

        return address;
    }

    /// <summary>A list of texts; empty when the key has an empty value, as an empty JSON array has.</summary>
    public List<string>? Texts(string key) => Elements(key)?.Select(element => element.AsText()).OfType<string>().ToList();

    public List<T>? List<T>(string key, Action<SectionCursor, T> read)
        where T : class, new() => Elements(key)?.Select(element => element.ReadInto(new T(), read)).ToList();

    /// <summary>The same where an entry that says nothing would mean everything.</summary>
    public List<T>? ListOfSome<T>(string key, Action<SectionCursor, T> read)
        where T : class, new() => List<T>(key, (element, entry) =>
        {
            if (element.IsNull)
            {
                element.Error("is null, as {} is to .NET's configuration; write a key of it, or leave it out");
            }

            read(element, entry);
        });

    /// <summary>Reads a section into what stands there already or into a new object.</summary>
    public T? Child<T>(string key, T? current, Action<SectionCursor, T> read)
        where T : class, new() => Find(key) is { } child ? child.ReadInto(current ?? new T(), read) : current;

    /// <summary>The sections below a key whose keys are names of the user's own.</summary>
    public IEnumerable<SectionCursor> Entries(string key) => Find(key)?.AsSection()._children.Values.Select(Open) ?? [];

    /// <summary>A child whose form the caller decides by what it holds.</summary>
    public SectionCursor? Find(string key)
    {
        _known.Add(key);
        return _children.Remove(key, out IConfigurationSection? section) && Open(section) is { IsNull: false } child ? child : null;
    }

    /// <summary>Leaves keys to whoever owns them.</summary>
    public void Leave(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _children.Remove(key);
        }
    }

    public void Error(string problem) => _errors.Add($"{Path}: {problem}");

    /// <summary>Reads this section to its end.</summary>
    public T ReadInto<T>(T target, Action<SectionCursor, T> read)
    {
        AsSection();
        read(this, target);
        Done();
        return target;
    }

    /// <summary>Reports every key that nothing asked for.</summary>
    public void Done()
    {
        foreach (IConfigurationSection child in _children.Values)
        {
            string meant = NearestKey.Of(child.Key, _known) is { } nearest ? $"did you mean {nearest}? Known here" : "known here";
            _errors.Add($"{child.Path}: unknown key; {meant}: {string.Join(", ", _known)}");
        }
    }

    public string? AsText()
    {
        if (HasChildren || Value is null)
        {
            Error(HasChildren ? "a section where a value is expected" : "no value");
            return null;
        }

        return Value;
    }

    private bool IsNull => Value is null && !HasChildren;

    private SectionCursor Open(IConfigurationSection section) => new(section, _errors);

    private SectionCursor AsSection()
    {
        if (!string.IsNullOrEmpty(Value) && !HasChildren)
        {
            Error($"the value '{Value}' where a section is expected");
        }

        return this;
    }

    private T? Parse<T>(string key, string problem, Func<string, T?> parse)
        where T : struct
    {
        if (Find(key) is not { } child || child.AsText() is not { } text)
        {
            return null;
        }

        T? value = parse(text);
        if (value is null)
        {
            child.Error($"'{text}' is {problem}");
        }

        return value;
    }

    private List<SectionCursor>? Elements(string key)
    {
        if (Find(key) is not { } list)
        {
            return null;
        }

        if (!string.IsNullOrEmpty(list.Value) && !list.HasChildren)
        {
            list.Error($"the value '{list.Value}' where a list is expected");
            return null;
        }

        List<SectionCursor> elements = [.. list._children.Values.Select(Open)];
        if (elements.Find(element => !int.TryParse(element.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)) is { } stranger)
        {
            stranger.Error("a key where a list is expected");
            return null;
        }

        return elements;
    }
}

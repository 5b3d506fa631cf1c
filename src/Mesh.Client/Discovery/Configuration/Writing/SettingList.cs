using System.Globalization;

namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>Collects settings key by key: <see cref="SectionCursor"/>'s way back. What is null says nothing and is left out.</summary>
internal sealed class SettingList
{
    private readonly List<Setting> _all;
    private readonly string _prefix;
    private readonly bool _isFixed;

    public SettingList()
        : this([], "", isFixed: false)
    {
    }

    private SettingList(List<Setting> all, string prefix, bool isFixed)
    {
        _all = all;
        _prefix = prefix;
        _isFixed = isFixed;
    }

    public IReadOnlyList<Setting> All => _all;

    /// <summary>The same place, for what is read at the start only.</summary>
    public SettingList FromTheStart => new(_all, _prefix, isFixed: true);

    /// <param name="builtIn">What it is without anybody saying it; null: nothing.</param>
    public void Add(string key, object? value, object? builtIn = null)
    {
        if (value is not null)
        {
            _all.Add(new Setting(_prefix + key, Text(value), value.Equals(builtIn), _isFixed));
        }
    }

    public void Texts(string key, IEnumerable<string>? texts, bool isBuiltIn = false)
    {
        if (texts is null)
        {
            return;
        }

        int count = 0;
        foreach (string text in texts)
        {
            Add($"{key}:[{count++}]", text);
        }

        AddNothing(key, "[]", count == 0, isBuiltIn);
    }

    /// <summary>A group of settings; one that says nothing may mean something all the same.</summary>
    public void Child<T>(string key, T? group, Action<SettingList, T> write, bool isBuiltIn = false)
        where T : class
    {
        if (group is not null)
        {
            int before = _all.Count;
            write(Below(key), group);
            AddNothing(key, "{}", _all.Count == before, isBuiltIn);
        }
    }

    public void List<T>(string key, IEnumerable<T?>? entries, Action<SettingList, T> write)
        where T : class
    {
        if (entries is null)
        {
            return;
        }

        int count = 0;
        foreach (T? entry in entries)
        {
            Child($"{key}:[{count++}]", entry, write);
        }

        AddNothing(key, "[]", count == 0, isBuiltIn: false);
    }

    /// <summary>A list of which only the number is told.</summary>
    public void Counted<T>(string key, ICollection<T>? entries, Action<SettingList, T> write)
        where T : class
    {
        if (entries is null)
        {
            return;
        }

        var inner = new SettingList();
        inner.List(key, entries, write);
        var fingerprint = default(HashCode);
        foreach (Setting setting in inner.All)
        {
            fingerprint.Add(setting.Path);
            fingerprint.Add(setting.Value);
        }

        string count = string.Create(CultureInfo.InvariantCulture, $"{entries.Count} of them");
        _all.Add(new Setting(_prefix + key, count, IsBuiltIn: false, _isFixed) { Fingerprint = fingerprint.ToHashCode() });
    }

    /// <summary>A group for each of the user's own names.</summary>
    public void Entries<TKey, T>(string key, IEnumerable<KeyValuePair<TKey, T>> entries, Action<SettingList, T> write)
        where T : class?
    {
        foreach ((TKey name, T entry) in entries)
        {
            Child(string.Create(CultureInfo.InvariantCulture, $"{key}:{name}"), (object?)entry, (at, group) => write(at, (T)group));
        }
    }

    public void Texts(string key, IEnumerable<KeyValuePair<string, string>> texts)
    {
        foreach ((string name, string text) in texts)
        {
            Add($"{key}:{name}", text);
        }
    }

    private SettingList Below(string key) => new(_all, $"{_prefix}{key}:", _isFixed);

    private void AddNothing(string key, string nothing, bool isNothing, bool isBuiltIn)
    {
        if (isNothing)
        {
            _all.Add(new Setting(_prefix + key, nothing, isBuiltIn, _isFixed));
        }
    }

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Uri { IsAbsoluteUri: false } address => address.OriginalString,
        Uri address => address.AbsoluteUri,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

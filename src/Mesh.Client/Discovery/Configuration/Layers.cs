namespace Mesh.Client.Discovery.Configuration;

/// <summary>The places that one group of settings may come from, the most specific first. The first that says something holds.</summary>
/// <param name="own">What is written for the service itself.</param>
/// <param name="shared">What is written for every service, and holds where nobody knows better.</param>
internal sealed class Layers<T>(IEnumerable<T?> own, IEnumerable<T?> shared)
    where T : class
{
    private readonly T[] _own = [.. own.OfType<T>()];
    private readonly T[] _given = [.. own.Concat(shared).OfType<T>()];

    public Layers(IEnumerable<T?> own)
        : this(own, [])
    {
    }

    /// <summary>Whether something is written for the service itself.</summary>
    public bool HasOwn => _own.Length > 0;

    /// <summary>All places that say something.</summary>
    public IReadOnlyList<T> Given => _given;

    /// <summary>Without what is written for every service.</summary>
    public Layers<T> Own => new(_own);

    /// <summary>What holds where a source says something too: it stands between the service's own places and those of all.</summary>
    public Layers<T> Beside(object? said) => said is null ? this : Own;

    public TValue Value<TValue>(Func<T, TValue?> setting, TValue builtIn)
        where TValue : struct => Nullable(setting) ?? builtIn;

    public TValue? Nullable<TValue>(Func<T, TValue?> setting)
        where TValue : struct => _given.Select(setting).FirstOrDefault(value => value is not null);

    public TValue? Object<TValue>(Func<T, TValue?> setting)
        where TValue : class => _given.Select(setting).FirstOrDefault(value => value is not null);

    /// <summary>A group within the group.</summary>
    public Layers<TGroup> Group<TGroup>(Func<T, TGroup?> group)
        where TGroup : class => new(_own.Select(group), _given.Skip(_own.Length).Select(group));

    /// <summary>With a place before all others.</summary>
    public Layers<T> Below(T? moreSpecific) => moreSpecific is null ? this : new([moreSpecific, .. _own], _given.Skip(_own.Length));
}

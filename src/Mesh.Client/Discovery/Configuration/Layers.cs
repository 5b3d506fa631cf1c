namespace Mesh.Client.Discovery.Configuration;

/// <summary>The places that one group of settings may come from, the most specific first. The first that says something holds.</summary>
internal sealed class Layers<T>(IEnumerable<T?> mostSpecificFirst)
    where T : class
{
    private readonly T[] _given = [.. mostSpecificFirst.OfType<T>()];

    public TValue Value<TValue>(Func<T, TValue?> setting, TValue builtIn)
        where TValue : struct => _given.Select(setting).FirstOrDefault(value => value is not null) ?? builtIn;

    public TValue? Object<TValue>(Func<T, TValue?> setting)
        where TValue : class => _given.Select(setting).FirstOrDefault(value => value is not null);

    /// <summary>A group within the group.</summary>
    public Layers<TGroup> Group<TGroup>(Func<T, TGroup?> group)
        where TGroup : class => new(_given.Select(group));

    /// <summary>With a place before all others.</summary>
    public Layers<T> Below(T? moreSpecific) => moreSpecific is null ? this : new([moreSpecific, .. _given]);
}

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// The least of something may not be above its most, wherever the two come from. The place that sets one of them is the one that
/// is wrong, so that a pair inherited as a whole is reported once.
/// </summary>
internal static class OrderRule
{
    public static void Validate<T, TValue>(string path, T?[] layers, Bound<T, TValue> least, Bound<T, TValue> most, Problems problems)
        where T : class
        where TValue : struct, IComparable<TValue>
    {
        if (layers[0] is not { } own || (least.Setting(own) ?? most.Setting(own)) is null)
        {
            return;
        }

        var all = new Layers<T>(layers);
        TValue from = all.Value(least.Setting, least.BuiltIn);
        TValue to = all.Value(most.Setting, most.BuiltIn);
        if (from.CompareTo(to) > 0)
        {
            string name = least.Setting(own) is null ? most.Name : least.Name;
            problems.Add($"{path}:{name}", $"{least.Name}, {from}, is above {most.Name}, {to}");
        }
    }
}

/// <summary>One end of a range of settings.</summary>
internal sealed record Bound<T, TValue>(string Name, Func<T, TValue?> Setting, TValue BuiltIn)
    where TValue : struct;

using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

internal static class TestKeys
{
    /// <summary>Distinct keys with weights 1 to 5, sorted as callers do.</summary>
    public static readonly Gen<WeightedKey[]> Weighted =
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 12], Gen.Int[1, 5]).Array[1, 20].Select(entries =>
            entries.DistinctBy(e => e.Item1).Select(e => new WeightedKey(e.Item1, e.Item2)).OrderBy(e => e.Key, StringComparer.Ordinal).ToArray());

    public static readonly Gen<WeightedKey[]> Equal = Weighted.Select(keys => keys.Select(key => key with { Weight = 1 }).ToArray());

    /// <summary>Envoy's test hosts: 127.0.0.1 and consecutive ports.</summary>
    public static WeightedKey[] Ports(int first, params int[] weights) =>
        [.. weights.Select((weight, i) => new WeightedKey($"127.0.0.1:{first + i}", weight))];

    public static int[] Indices(IndexTable table) => [.. Enumerable.Range(0, table.Length).Select(slot => table[slot])];
}

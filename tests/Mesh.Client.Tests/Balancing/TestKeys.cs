using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

internal static class TestKeys
{
    /// <summary>Distinct keys with weights 1 to 5, sorted as callers do.</summary>
    public static readonly Gen<WeightedKey[]> Weighted =
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 12], Gen.Int[1, 5], (key, weight) => new WeightedKey(key, weight)).Array[1, 20]
            .Select(keys => keys.DistinctBy(key => key.Key).OrderBy(key => key.Key, StringComparer.Ordinal).ToArray());

    public static readonly Gen<WeightedKey[]> Equal = Weighted.Select(keys => keys.Select(key => key with { Weight = 1 }).ToArray());

    /// <summary>Envoy's test hosts: 127.0.0.1 and consecutive ports.</summary>
    public static WeightedKey[] Ports(int first, params int[] weights) =>
        [.. weights.Select((weight, i) => new WeightedKey($"127.0.0.1:{first + i}", weight))];

    public static int[] Indices(IndexTable table) => [.. Enumerable.Range(0, table.Length).Select(slot => table[slot])];
}

namespace Mesh.Client.Balancing;

/// <summary>What a consistent hash is built from: one endpoint's hash key and weight.</summary>
internal readonly record struct WeightedKey(string Key, int Weight);

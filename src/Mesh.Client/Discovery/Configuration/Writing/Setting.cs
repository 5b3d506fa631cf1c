namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>One setting as it is in force.</summary>
/// <param name="Path">
/// Below its section, as configuration writes it: <c>Services:catalog:Port</c>. What stands in a list has its place there in brackets,
/// <c>Domains:[0]</c>: the keys of configuration's lists need not count from 0.
/// </param>
/// <param name="Value">As configuration would write it.</param>
/// <param name="IsBuiltIn">Whether it is so without anybody saying it.</param>
/// <param name="IsFixed">Whether it holds from the start of a process to its end.</param>
internal sealed record Setting(string Path, string Value, bool IsBuiltIn, bool IsFixed)
{
    /// <summary>Tells apart what <see cref="Value"/> alone does not: the entries of a list that is only counted.</summary>
    public int Fingerprint { get; init; }

    /// <summary>Whether both say the same.</summary>
    public bool Says(Setting other) => Value == other.Value && Fingerprint == other.Fingerprint;
}

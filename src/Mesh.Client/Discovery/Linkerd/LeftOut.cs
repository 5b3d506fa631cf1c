namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What of a policy the wire has no place for, each thing once.</summary>
internal sealed class LeftOut
{
    private readonly SortedSet<string> _what = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> What => _what;

    public void Add(string what, bool when = true)
    {
        if (when)
        {
            _what.Add(what);
        }
    }
}

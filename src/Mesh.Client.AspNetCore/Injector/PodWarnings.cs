namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What was left out of a pod, for people: the first few, and how many there are besides.</summary>
internal sealed class PodWarnings
{
    private const int Max = 16;

    private readonly List<string> _first = [];
    private int _more;

    public IReadOnlyList<string> All => _more == 0 ? _first : [.. _first, $"and {_more} more"];

    public void Add(string warning)
    {
        if (_first.Count < Max)
        {
            _first.Add(warning);
        }
        else
        {
            _more++;
        }
    }
}

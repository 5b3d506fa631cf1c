using System.Collections.Immutable;
using System.Globalization;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>What was left out of a policy and why, in words for a log and the status page: the first few, and how many more.</summary>
internal sealed class RouteProblems
{
    private const int MaxProblems = 20;

    private readonly HashSet<string> _problems = new(StringComparer.Ordinal);
    private readonly List<string> _inOrder = [];

    public ImmutableArray<string> All => _inOrder.Count <= MaxProblems
        ? [.. _inOrder]
        : [.. _inOrder.Take(MaxProblems), string.Create(CultureInfo.InvariantCulture, $"and {_inOrder.Count - MaxProblems} more")];

    public void Add(string problem)
    {
        if (_problems.Add(problem))
        {
            _inOrder.Add(problem);
        }
    }
}

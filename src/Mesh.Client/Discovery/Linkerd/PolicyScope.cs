using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What the parts of one policy share while it is read.</summary>
/// <param name="service">Whose policy it is.</param>
/// <param name="backend">The service behind a destination path; null for a path that names none.</param>
internal sealed class PolicyScope(ServiceName service, Func<string, ServiceName?> backend)
{
    private const int MaxProblems = 20;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private int _moreProblems;
    private bool _hasOwn;

    public ServiceName Service => service;

    /// <summary>The service's own backend, or the first that was met.</summary>
    public Protocol.Backend? Main { get; private set; }

    public ImmutableArray<string> Problems => _moreProblems == 0
        ? [.. _problems]
        : [.. _problems, string.Create(CultureInfo.InvariantCulture, $"and {_moreProblems} more")];

    /// <summary>For another reading of the same policy, with names and problems of its own.</summary>
    public PolicyScope Beside() => new(service, backend);

    public void Report(string problem)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(problem);
        }
        else
        {
            _moreProblems++;
        }
    }

    /// <summary>Runs what reads one route. What it cannot read is reported, and the route left out.</summary>
    public ImmutableArray<RoutePolicy> ReadEach<TRoute>(
        IReadOnlyList<TRoute> routes, string place, Func<TRoute, string, PolicyScope, ImmutableArray<RoutePolicy>> read)
    {
        var all = ImmutableArray.CreateBuilder<RoutePolicy>();
        for (int i = 0; i < routes.Count; i++)
        {
            try
            {
                foreach (RoutePolicy route in read(routes[i], $"{place}.routes[{i}]", this))
                {
                    all.Add(route with { Name = Unique(route.Name) });
                }
            }
            catch (UnreadablePartException e)
            {
                Report($"{e.Message}; the route is left out");
            }
        }

        return all.DrainToImmutable();
    }

    public ServiceName? Find(string path) => backend(path);

    public void Meet(Protocol.Backend met, ServiceName leadsTo)
    {
        if (Main is null || (leadsTo == service && !_hasOwn))
        {
            Main = met;
            _hasOwn = leadsTo == service;
        }
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int n = 2; !_names.Add(unique); n++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}~{n}");
        }

        return unique;
    }
}

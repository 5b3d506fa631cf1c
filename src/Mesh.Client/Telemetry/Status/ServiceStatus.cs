namespace Mesh.Client.Telemetry.Status;

/// <summary>One service as this process calls it.</summary>
internal sealed record ServiceStatus
{
    /// <summary>Canonical name and port.</summary>
    public required string Name { get; init; }

    /// <summary><c>known</c>, <c>unknown</c>, <c>not_found</c> or <c>refused</c>.</summary>
    public required string Discovery { get; init; }

    /// <summary>Why discovery cannot say more or newer; null while all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>What told of it: <c>configuration</c>, <c>control plane http://…</c>.</summary>
    public string? Source { get; init; }

    /// <summary>Seconds since its latest state came; null while there is none.</summary>
    public double? AgeSeconds { get; init; }

    /// <summary>States that have been published since the start.</summary>
    public long Updates { get; init; }

    /// <summary>Calls under way, those that wait included.</summary>
    public required int InFlight { get; init; }

    /// <summary>Calls that wait for their turn.</summary>
    public int Waiting { get; init; }

    /// <summary>How many may be under way; null where nothing limits them.</summary>
    public int? Limit { get; init; }

    public required TrafficStatus Traffic { get; init; }

    /// <summary>Calls of other services that their routes brought here; null: none.</summary>
    public TrafficStatus? BroughtTraffic { get; init; }

    /// <summary>Endpoints by state, those with none left out.</summary>
    public required IReadOnlyDictionary<string, int> EndpointStates { get; init; }

    /// <summary>Whether so few endpoints are left that ejections are ignored.</summary>
    public bool InPanic { get; init; }

    public required BalancingStatus Balancing { get; init; }

    /// <summary>Only of one service that is asked for by name: null in the list of all.</summary>
    public IReadOnlyList<EndpointStatus>? Endpoints { get; init; }

    /// <summary>How many endpoints <see cref="Endpoints"/> leaves out.</summary>
    public int EndpointsOmitted { get; init; }

    public required IReadOnlyList<RouteStatus> Routes { get; init; }

    /// <summary>How many routes <see cref="Routes"/> leaves out, the last ones.</summary>
    public int RoutesOmitted { get; init; }

    /// <summary>What was said of the service and could not be taken over.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

namespace Mesh.Client.Telemetry.Status;

/// <summary>A service as this control plane tells its clients of it.</summary>
internal sealed record ServedServiceStatus
{
    /// <summary>Canonical name, and the port where clients ask for one.</summary>
    public required string Name { get; init; }

    /// <summary>That clients are told of; null while no source has named them.</summary>
    public int? Endpoints { get; init; }

    /// <summary>Of all that the source knows of, those that are ready; null where it tells of no others.</summary>
    public int? EndpointsReady { get; init; }

    /// <summary>All that the source knows of; null where it tells of ready ones only.</summary>
    public int? EndpointsAll { get; init; }

    /// <summary>The first of them, in the source's order.</summary>
    public IReadOnlyList<ServedEndpointStatus> Addresses { get; init; } = [];

    /// <summary>How many endpoints <see cref="Addresses"/> leaves out.</summary>
    public int EndpointsOmitted { get; init; }

    /// <summary>Whom clients expect there, the first few by name; empty where they speak plaintext.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>How many identities <see cref="Identities"/> leaves out.</summary>
    public int IdentitiesOmitted { get; init; }

    /// <summary>Names of its routes, the first few in order; empty where all calls go to the service itself.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>How many routes <see cref="Routes"/> leaves out.</summary>
    public int RoutesOmitted { get; init; }

    /// <summary>How clients pick endpoints, in words: <c>Maglev by header x-user, endpoints by Address</c>.</summary>
    public string? Balancing { get; init; }

    /// <summary>That ask for it.</summary>
    public required int Clients { get; init; }

    /// <summary>Who names its endpoints: <c>registry</c>, <c>configuration</c>, <c>Kubernetes …</c>; null while nobody does.</summary>
    public string? Source { get; init; }

    /// <summary>What the source knows: <c>known</c>, <c>unknown</c>, <c>not_found</c>, <c>refused</c>; null: it has not spoken.</summary>
    public string? Discovery { get; init; }

    /// <summary>Why the source cannot say more or newer; null while all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>When clients were first told of it, of those without a gap; null where nobody asks.</summary>
    public DateTimeOffset? Since { get; init; }
}

using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>A snapshot with markup in every text that somebody else chose.</summary>
internal static class HostileStatus
{
    public const string Text = "<img src=x onerror=hostile=1>\"'&amp;</script><script>hostile=1</script>";

    private static readonly DateTimeOffset At = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, long> Counts = new() { [Text] = 3 };
    private static readonly Dictionary<string, string> Labels = new() { [Text] = Text };
    private static readonly TrafficStatus Traffic = new(2.5, 0.5, 1, 2, 3, 100, 50, 5, [new(3, 1, 2.5), new(4, 0, 1.5)]);

    public static MeshStatus Create() => new()
    {
        At = At,
        Process = new ProcessStatus(Text, Text, Text, At.AddHours(-2)),
        Services = [Service()],
        Failures = [new(At.AddSeconds(-9), Text, Text, Text, Text, Text, Text, 12, [new(Text, Text, Text, 503, Text, 11)])],
        Identity = new IdentityStatus
        {
            Source = Text,
            Mode = Text,
            Name = Text,
            Problem = Text,
            ValidFrom = At.AddHours(-20),
            ValidUntil = At.AddHours(4),
            Anchors = [new(Text, Text, At.AddDays(3))],
            Handshakes = Counts,
        },
        ControlPlanes = [new(Text, Text, "lost", Text, [new(Text, Text, 2)])],
        Inbound = new InboundStatus(Text, Text, Text, 1, [new(Text, 1, 1, At)]) { OtherPeers = new(Text, 1, 1, At) },
        Served = new ServedStatus(
            [new ClientStatus(Text, Text, Text, Text, Text, At, new Dictionary<string, int> { [Text] = 1 }, [Text], 1)],
            1,
            [ServedService()],
            1,
            1,
            new CertificatesStatus(1, 1, At),
            new AuthorityStatus(Text, false, Text, At, At.AddDays(1), Text, [new(Text, Text, At.AddDays(3))]),
            new InjectorStatus(1, 2, 3, 4, 5)),
        Configuration = new ConfigurationStatus(1, Text, [new(Text, Text, Text)], 1),
    };

    private static ServedServiceStatus ServedService() => new()
    {
        Name = Text,
        Endpoints = 2,
        EndpointsReady = 2,
        EndpointsAll = 3,
        Addresses = [new(Text, Text, Text)],
        EndpointsOmitted = 1,
        Identities = [Text],
        IdentitiesOmitted = 1,
        Routes = [Text],
        RoutesOmitted = 1,
        Balancing = Text,
        Clients = 1,
        Source = Text,
        Discovery = Text,
        Problem = Text,
        Since = At,
    };

    private static ServiceStatus Service() => new()
    {
        Name = Text,
        Discovery = "refused",
        Problem = Text,
        Source = Text,
        AgeSeconds = 3,
        Updates = 2,
        InFlight = 1,
        Waiting = 1,
        Limit = 5,
        Traffic = Traffic,
        EndpointStates = new Dictionary<string, int> { ["ejected"] = 1, [Text] = 1 },
        InPanic = true,
        Balancing = new BalancingStatus
        {
            Policy = Text,
            HashOn = [Text],
            EndpointKey = Text,
            TableSize = 7,
            Picks = Counts,
            Retries = Counts,
        },
        Endpoints = [Endpoint(Text, "ejected"), Endpoint("127.0.0.1:1", Text)],
        Routes =
        [
            new(Text, Text, [Text], Labels, [Backend(), Backend() with { Service = "b", Key = "b" }], Traffic) { BackendsOmitted = 2 },
        ],
        RoutesOmitted = 1,
        Problems = [Text],
    };

    private static EndpointStatus Endpoint(string address, string state) => new()
    {
        Address = address,
        State = state,
        Why = Text,
        HashKey = Text,
        TableShare = 0.5,
        AttemptShare = 0.5,
        Attempts = 10,
        Failures = 5,
        Picks = Counts,
        InFlight = 1,
        LatencyMilliseconds = 2,
        Connections = 1,
        Identity = Text,
        Framing = Text,
        Zone = Text,
        Weight = 1,
        Labels = Labels,
    };

    private static BackendStatus Backend() => new(Text, 1, 0.5, 0.5, Traffic);
}

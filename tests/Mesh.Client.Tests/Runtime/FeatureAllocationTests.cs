using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Client.Tests.Runtime;

/// <summary>
/// What each feature allocates in a call whose first attempt succeeds is what docs/performance.md says: nothing configured over a bare
/// invoker, all others over nothing configured.
/// </summary>
[Collection(nameof(FirstAttemptAllocationTests))]
public sealed partial class FeatureAllocationTests
{
    private const int Calls = 1000;

    // What is stated may be rounded up by so much.
    private const int Slack = 48;

    private static readonly Dictionary<string, int> Stated = Rows()
        .ToDictionary(row => row.Groups[1].Value, row => int.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture));

    public static TheoryData<string> Names() => [.. Feature.All.Select(feature => feature.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Send_WithAFeature_AllocatesWhatIsStated(string name)
    {
        Feature feature = Feature.All.Single(feature => feature.Name == name);
        int stated = Stated[name];
        long nothing = Measure(feature == Feature.Nothing ? null : Feature.Nothing);

        long more = Measure(feature, nothing + stated) - nothing;

        TestContext.Current.SendDiagnosticMessage($"{name}: {more} bytes, {stated} are stated");
        Assert.InRange(more, stated - Slack, stated);
    }

    [Fact]
    public void Document_StatesEveryFeatureOnce() =>
        Assert.Equal(Feature.All.Select(feature => feature.Name).Order(), Rows().Select(row => row.Groups[1].Value).Order());

    [Fact]
    public void Send_TimeoutsOfAnAttempt_AllocateNothing()
    {
        long without = Measure(Feature.Route);

        Assert.Equal(without, Measure(With(new() { Attempt = TimeSpan.FromMinutes(1) }), without));
        Assert.Equal(
            without, Measure(With(new() { Attempt = TimeSpan.FromMinutes(1), ResponseHead = TimeSpan.FromSeconds(59) }), without));

        static Feature With(MeshTimeoutOptions timeouts) => new("timeouts", service =>
        {
            Feature.Route.Configure(service);
            service.Timeouts = timeouts;
        });
    }

    // Code that is compiled better meanwhile allocates less, and a collection on another thread may show in a round.
    private static long Measure(Feature? feature, long expected = 0)
    {
        using var client = new FeatureClient(feature);
        client.Send(Calls);
        long least = long.MaxValue;
        for (int round = 0; round < 5 || (round < 50 && least > expected && expected > 0); round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            client.Send(Calls);
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        return least;
    }

    private static MatchCollection Rows() =>
        Row().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "performance.md")));

    [GeneratedRegex(@"^\| ([^|]+) \| \+?(\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

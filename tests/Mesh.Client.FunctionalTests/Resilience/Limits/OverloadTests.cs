using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>
/// A server slows to a tenth while ten times what it then can do is asked of it, by callers that give up after a second. The peak it is
/// measured by is its own, slow and not overloaded.
/// </summary>
[Collection(nameof(Alone))]
public sealed class OverloadTests
{
    private const double Budget = 0.2;
    private const int Slow = 10;

    // Every tick, one tenth of what its workers then are busy with for ten.
    private const int TenTimes = BusyServer.Workers;

    private static readonly int Seconds = LongRun.Count(3, 30);

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task LimitsOn_GoodputStaysAttemptsAreBoundedAndItRecovers(int queue)
    {
        // As many as there are workers wait here, two at the server when its queue allows it.
        var limits = new MeshLimitOptions { MaxRequests = BusyServer.Workers + 2, MaxWaiting = BusyServer.Workers };
        await using OverloadRun run = await OverloadRun.StartAsync(queue, limits, Budget);
        await run.ClosedAsync(1);

        run.Server.Service = Slow;
        double peak = await run.ClosedAsync(Seconds);
        double goodput = await run.OpenAsync(Seconds, TenTimes);
        (int calls, int attempts) = (run.Calls, run.Server.Hits);
        run.Server.Service = 1;
        double recovered = await run.RecoverAsync(atMost: 10);

        TestContext.Current.SendDiagnosticMessage(
            $"queue {queue}: peak {peak:0.0}/s, goodput {goodput:0.0}/s, "
            + $"{calls} calls, {attempts} attempts, recovered in {recovered:0.0} s");
        Assert.True(peak > 0);
        Assert.InRange(goodput, peak * 0.9, double.MaxValue);
        Assert.InRange(attempts, 1, calls * (1 + Budget));
        Assert.InRange(recovered, 0, 5);
    }

    /// <summary>What the limits are for.</summary>
    [Fact]
    public async Task LimitsOff_GoodputCollapses()
    {
        await using OverloadRun run = await OverloadRun.StartAsync(queue: 1000, limits: null, Budget);
        run.Server.Service = Slow;
        double peak = await run.ClosedAsync(1);

        await run.OpenAsync(2, TenTimes);
        double goodput = await run.OpenAsync(1, TenTimes);

        Assert.InRange(goodput, 0, peak / 4);
    }
}

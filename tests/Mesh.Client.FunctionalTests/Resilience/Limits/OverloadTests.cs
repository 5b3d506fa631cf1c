using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>
/// A server slows to a tenth while ten times what it then can do is asked of it, by callers that give up after a second. The peak it is
/// measured by is its own, slow and not overloaded, on the same machine a moment before.
/// </summary>
[Collection(nameof(Alone))]
public sealed class OverloadTests
{
    private const double Budget = 0.2;

    private static readonly Uri Root = new("/", UriKind.Relative);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Overload = LongRun.Duration(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));

    private int _calls;
    private int _good;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task TenTimesTheLoad_LimitsOn_GoodputStaysAttemptsAreBoundedAndItRecovers(int queue)
    {
        await using BusyServer server = await BusyServer.StartAsync(queue);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([server.Address], service =>
        {
            // As many as there are workers wait here, two at the server when its queue allows it.
            service.Limits = new MeshLimitOptions { MaxRequests = BusyServer.Workers + 2, MaxWaiting = BusyServer.Workers };
            service.FailureAccrual = new FailureAccrualOptions { Enabled = false };
            service.Retry = new RetryOptions { Budget = new RetryBudgetOptions { Ratio = Budget, MinPerSecond = 0 } };
        });
        using HttpClient client = mesh.Client();
        client.Timeout = Patience;
        await ClosedAsync(client, TimeSpan.FromSeconds(1));

        server.Service = Fast * 10;
        double peak = await ClosedAsync(client, Overload / 2);
        double goodput = await OpenAsync(client, 10 * BusyServer.Workers / server.Service.TotalSeconds, Overload);
        (int calls, int attempts) = (_calls, server.Hits);
        server.Service = Fast;
        TimeSpan recovered = await RecoveredAsync(client);

        TestContext.Current.SendDiagnosticMessage(
            $"queue {queue}: peak {peak:0.0}/s, goodput {goodput:0.0}/s, {calls} calls, {attempts} attempts, recovered in {recovered}");
        Assert.InRange(goodput, peak * (LongRun.IsOn ? 0.9 : 0.5), double.MaxValue);
        Assert.InRange(attempts, 1, calls * (1 + Budget));
        Assert.InRange(recovered, TimeSpan.Zero, TimeSpan.FromSeconds(LongRun.IsOn ? 5 : 30));
    }

    /// <summary>As many callers as workers, each with one call at a time: good answers a second.</summary>
    private async Task<double> ClosedAsync(HttpClient client, TimeSpan duration)
    {
        (long began, int before) = (Stopwatch.GetTimestamp(), _good);
        await Task.WhenAll(Enumerable.Range(0, BusyServer.Workers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                await CallAsync(client);
            }
        }));
        return (_good - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>So many calls a second, whatever becomes of them: good answers a second.</summary>
    private async Task<double> OpenAsync(HttpClient client, double perSecond, TimeSpan duration)
    {
        (long began, int before) = (Stopwatch.GetTimestamp(), _good);
        var calls = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await timer.WaitForNextTickAsync(Cancellation) && Stopwatch.GetElapsedTime(began) < duration)
        {
            while (calls.Count < perSecond * Stopwatch.GetElapsedTime(began).TotalSeconds)
            {
                calls.Add(CallAsync(client));
            }
        }

        double goodput = (Volatile.Read(ref _good) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        await Task.WhenAll(calls);
        return goodput;
    }

    /// <summary>How long it takes until twenty calls in a row are answered as fast as before it all.</summary>
    private static async Task<TimeSpan> RecoveredAsync(HttpClient client)
    {
        long began = Stopwatch.GetTimestamp();
        int inRow = 0;
        while (inRow < 20)
        {
            long sent = Stopwatch.GetTimestamp();
            try
            {
                using HttpResponseMessage response = await client.GetAsync(Root, Cancellation);
                inRow = response.IsSuccessStatusCode && Stopwatch.GetElapsedTime(sent) < Fast * 10 ? inRow + 1 : 0;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !Cancellation.IsCancellationRequested)
            {
                inRow = 0;
            }
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private async Task CallAsync(HttpClient client)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            using HttpResponseMessage response = await client.GetAsync(Root, Cancellation);
            if (response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _good);
            }
        }
        catch (MeshException refused) when (refused.Reason is MeshFailure.Limit)
        {
            await Task.Yield();
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // Gave up.
            await Task.Yield();
        }
    }
}

using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>Failure accrual over real calls. The clock moves only when the test moves it.</summary>
public sealed class FailureAccrualTests : IAsyncLifetime
{
    private readonly RecordingClock _clock = new();
    private Func<HttpContext, Task> _answer = context => context.Response.WriteAsync("ok");
    private Backend _backend = null!;
    private Backend _other = null!;
    private MeshHost _mesh = null!;

    private string State => _mesh.Endpoint(_backend.Address).State;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync(context => _answer(context));
        _other = await Backend.StartAsync();
        _mesh = await MeshHost.StartCatalogAsync(
            [_backend.Address, _other.Address],
            service =>
            {
                service.Retry = new RetryOptions { MaxRetries = 0 };
                service.FailureAccrual = new FailureAccrualOptions { JitterRatio = 0 };
            },
            _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _mesh.DisposeAsync();
        await _other.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Get_SevenFailures_ShutsForTheCallsThatBelongThere()
    {
        await FailAsync(7);

        Assert.Equal("ejected", State);
        Assert.Equal(PickReason.HashFailover, await GetAsync());
        Assert.Equal((7, 1), (_backend.Hits, _other.Hits));
    }

    [Fact]
    public async Task Get_SuccessInBetween_StartsTheCountAnew()
    {
        await FailAsync(6);
        _answer = context => context.Response.WriteAsync("ok");
        await GetAsync();
        await FailAsync(6);

        Assert.Equal("available", State);
    }

    [Fact]
    public async Task Get_ClientErrors_DoNotCount()
    {
        await FailAsync(10, status: 404);

        Assert.Equal("available", State);
    }

    [Fact]
    public async Task Get_Probation_OneCallGoesThereAndOthersElsewhere()
    {
        await FailAsync(7);
        var release = new TaskCompletionSource();
        _answer = async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("ok");
        };

        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("ejected", State);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("probation", State);
        Task<PickReason> probe = GetAsync();
        await Eventually.TrueAsync(() => _backend.Hits == 8);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(PickReason.HashFailover, await GetAsync());
        }

        Assert.Equal((8, 5), (_backend.Hits, _other.Hits));
        release.SetResult();
        Assert.Equal(PickReason.Hash, await probe);
        Assert.Equal("available", State);
        Assert.Equal(PickReason.Hash, await GetAsync());
    }

    [Fact]
    public async Task Get_ProbeFails_IsShutTwiceAsLong()
    {
        await FailAsync(7);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await FailAsync(1);

        Assert.Equal("ejected", State);
        _clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.Equal("ejected", State);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("probation", State);
    }

    [Fact]
    public async Task Get_ProbeIsCancelled_LeavesTheChanceToTheNext()
    {
        await FailAsync(7);
        _answer = context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> probe = _mesh.SendToAsync(_backend.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => _backend.Hits == 8);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        Assert.Equal("probation", State);
        _answer = context => context.Response.WriteAsync("ok");
        Assert.Equal(PickReason.Hash, await GetAsync());
        Assert.Equal("available", State);
    }

    [Fact]
    public async Task Get_SeventhFailure_CountsAtTheEndOfItsBody()
    {
        await FailAsync(6);
        var release = new TaskCompletionSource();
        _answer = async context =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await release.Task;
        };

        using HttpResponseMessage response = await _mesh.GetFromAsync(_backend.Address);
        Assert.Equal("available", State);
        release.SetResult();
        Assert.Equal("first", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal("ejected", State);
    }

    private async Task FailAsync(int times, int status = 500)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("bad");
        };
        for (int i = 0; i < times; i++)
        {
            await GetAsync();
        }
    }

    private async Task<PickReason> GetAsync()
    {
        using HttpResponseMessage response = await _mesh.GetFromAsync(_backend.Address);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return response.GetMeshCallInfo()!.Attempts[0].Reason;
    }
}

using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>When an instance stops being an endpoint, seen at the registry.</summary>
public sealed class LeavingTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private InProcessServer _controlPlane = null!;
    private StateReader _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _controlPlane = await RegistryHost.StartControlPlaneAsync(clock: _clock);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _reader = new StateReader(_controlPlane.Registry(), RegistryHost.Catalog);
        Assert.Equal(EndpointSetStatus.NotFound, (await _reader.NextAsync()).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _controlPlane.DisposeAsync();
    }

    [Fact]
    public async Task Leave_IsGoneBeforeTheAnswer()
    {
        using var instance = new RawInstance(_controlPlane.Address);
        await instance.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);

        Assert.NotNull((await instance.LeaveAsync()).Left);

        Assert.Empty((await _reader.NextAsync()).Endpoints);
    }

    [Fact]
    public async Task ConnectionEnds_IsGoneAtOnce()
    {
        using var instance = new RawInstance(_controlPlane.Address);
        await instance.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);

        instance.Dispose();

        // The clock stands still.
        Assert.Empty((await _reader.NextAsync()).Endpoints);
    }

    [Fact]
    public async Task NoHeartbeats_IsGoneWithinTenSeconds()
    {
        using var instance = new RawInstance(_controlPlane.Address);
        await instance.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);
        DateTimeOffset since = _clock.GetUtcNow();

        Task<EndpointSet> gone = _reader.NextAsync();
        await Eventually.TrueAsync(() =>
        {
            if (!gone.IsCompleted)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(50));
            }

            return gone.IsCompleted;
        });

        Assert.Empty((await gone).Endpoints);
        Assert.InRange(_clock.GetUtcNow() - since, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(10));
        Assert.Equal((StatusCode.DeadlineExceeded, "no heartbeat for three intervals"), await EndOfAsync(instance));
    }

    [Fact]
    public async Task Heartbeats_KeepIt()
    {
        using var instance = new RawInstance(_controlPlane.Address);
        TimeSpan interval = (await instance.RegisterAsync(RawInstance.Valid())).HeartbeatInterval.ToTimeSpan();
        Assert.Single((await _reader.NextAsync()).Endpoints);
        Task<EndpointSet> gone = _reader.NextAsync();
        int beats = 0;
        DateTimeOffset next = _clock.GetUtcNow();

        while (beats < 20)
        {
            if (_clock.GetUtcNow() >= next)
            {
                await instance.BeatAsync();
                beats++;
                next += interval;
            }

            int looks = 0;
            await Eventually.TrueAsync(() => ++looks > 2);
            _clock.Advance(interval / 4);
            Assert.False(gone.IsCompleted);
        }

        await instance.LeaveAsync();
        Assert.Empty((await gone).Endpoints);
    }

    [Theory]
    [InlineData("catalog-1", 5002)]
    [InlineData("catalog-2", 5001)]
    public async Task SameNameOrAddress_TakesTheOldOnesPlace(string name, uint port)
    {
        using var old = new RawInstance(_controlPlane.Address);
        await old.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);

        using var fresh = new RawInstance(_controlPlane.Address);
        await fresh.RegisterAsync(RawInstance.Valid(name, port));

        Assert.Equal(
            (StatusCode.Aborted, "instance 'catalog-1' or its address was registered again, by another stream"), await EndOfAsync(old));
        Endpoint endpoint = Assert.Single((await _reader.NextAsync()).Endpoints);
        Assert.Equal(($"127.0.0.1:{port}", name), (endpoint.Address.Text, endpoint.HashKey));
    }

    private static async Task<(StatusCode Code, string Detail)> EndOfAsync(RawInstance instance)
    {
        Status status = await instance.EndAsync();
        return (status.StatusCode, status.Detail);
    }
}

using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Registry.Protocol;
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
    [InlineData("catalog-1")]
    [InlineData("catalog-2")]
    public async Task SameAddress_TakesTheOldOnesPlace(string name)
    {
        using var old = new RawInstance(_controlPlane.Address);
        await old.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);

        using var fresh = new RawInstance(_controlPlane.Address);
        Registration registration = RawInstance.Valid(name);
        registration.Weight = 7;
        await fresh.RegisterAsync(registration);

        Assert.Equal(
            (StatusCode.Aborted, "the address of instance 'catalog-1' was registered again, by another stream"), await EndOfAsync(old));
        Endpoint endpoint = Assert.Single((await _reader.NextAsync()).Endpoints);
        Assert.Equal(("127.0.0.1:5001", name, 7), (endpoint.Address.Text, endpoint.HashKey, endpoint.Weight));
    }

    [Fact]
    public async Task SameNameElsewhere_IsRefused_UntilTheOneThatHasItIsGone()
    {
        using var holder = new RawInstance(_controlPlane.Address);
        await holder.RegisterAsync(RawInstance.Valid());
        Assert.Single((await _reader.NextAsync()).Endpoints);

        using var other = new RawInstance(_controlPlane.Address);
        await other.SendAsync(new RegisterRequest { Registration = RawInstance.Valid(port: 5002) });

        Assert.Equal(
            (StatusCode.AlreadyExists,
                "registration.instance: 'catalog-1' is registered at 127.0.0.1:5001, and alive: two need two names"),
            await EndOfAsync(other));

        // Its process is killed, and comes back on another port.
        holder.Dispose();
        Assert.Empty((await _reader.NextAsync()).Endpoints);
        using var again = new RawInstance(_controlPlane.Address);
        await again.RegisterAsync(RawInstance.Valid(port: 5002));
        Assert.Equal("127.0.0.1:5002", Assert.Single((await _reader.NextAsync()).Endpoints).Address.Text);
    }

    private static async Task<(StatusCode Code, string Detail)> EndOfAsync(RawInstance instance)
    {
        Status status = await instance.EndAsync();
        return (status.StatusCode, status.Detail);
    }
}

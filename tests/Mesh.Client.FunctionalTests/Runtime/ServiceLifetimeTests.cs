using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Runtime;

/// <summary>When services come and go, and their endpoints.</summary>
public sealed class ServiceLifetimeTests : IAsyncLifetime
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    private readonly RecordingClock _clock = new();
    private readonly ManualSource _source = new();
    private readonly TaskCompletionSource _release = new();
    private Backend _backend = null!;
    private Backend _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            await _release.Task;
            await context.Response.WriteAsync(new string('x', 1_000_000));
        });
        _other = await Backend.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        await _other.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Idle_FiveMinutes_IsDroppedAndComesBackWithTheNextCall()
    {
        _source.Set(Instances.Known(_other.Address));
        await using MeshHost mesh = await StartAsync(_clock);
        await GetAsync(mesh);
        Assert.Equal((1, 1), (_source.Asked, _source.Watchers));

        Advance(TimeSpan.FromMinutes(4.5));
        Assert.Single(Services(mesh));
        Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(Services(mesh));
        await Eventually.TrueAsync(() => _source.Watchers == 0);

        await GetAsync(mesh);
        Assert.Equal((2, 1, 2), (_source.Asked, _source.Watchers, _other.Hits));
    }

    [Fact]
    public async Task Idle_CallUnderWay_Stays()
    {
        _source.Set(Instances.Known(_backend.Address));
        await using MeshHost mesh = await StartAsync(_clock);
        using HttpResponseMessage response = await HeadAsync(mesh);

        Advance(TimeSpan.FromMinutes(20));
        Assert.Single(Services(mesh));

        _release.SetResult();
        Assert.Equal(1_000_006, (await response.Content.ReadAsStringAsync(Cancellation)).Length);
        Advance(TimeSpan.FromMinutes(4));
        Assert.Single(Services(mesh));
        Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(Services(mesh));
    }

    [Fact]
    public async Task Idle_Configured_Stays()
    {
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([_other.Address], clock: _clock);
        await mesh.GetFromAsync(_other.Address);
        ServiceRuntime service = mesh.Service();

        Advance(TimeSpan.FromMinutes(20));

        Assert.Same(service, mesh.Service());
        using HttpResponseMessage again = await mesh.GetFromAsync(_other.Address);
        Assert.Equal(200, (int)again.StatusCode);
    }

    [Fact]
    public async Task Endpoint_LeavesDuringALongBody_FinishesItAndGetsNoNewCall()
    {
        _source.Set(Instances.Known(_backend.Address));
        await using MeshHost mesh = await StartAsync();
        using HttpResponseMessage response = await HeadAsync(mesh);
        ServiceRuntime service = Assert.Single(Services(mesh));
        EndpointRuntime leaving = Assert.Single(service.Snapshot.Endpoints);

        _source.Set(Instances.Known(_other.Address));
        await Eventually.TrueAsync(() => !service.Snapshot.Endpoints.Contains(leaving));
        await GetAsync(mesh);
        Assert.Equal((1, 1, 1), (_backend.Hits, _other.Hits, leaving.Load.Pending));

        _release.SetResult();
        Assert.Equal(1_000_006, (await response.Content.ReadAsStringAsync(Cancellation)).Length);
        Assert.Equal(0, leaving.Load.Pending);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => leaving.Pool.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://dynamic/"), Cancellation));
    }

    private static ServiceRuntime[] Services(MeshHost mesh) => mesh.Runtime.Services();

    private static Task<HttpResponseMessage> HeadAsync(MeshHost mesh) =>
        mesh.Client().GetAsync(new Uri("http://dynamic/"), HttpCompletionOption.ResponseHeadersRead, Cancellation);

    private Task<MeshHost> StartAsync(RecordingClock? clock = null) =>
        MeshHost.StartAsync([], services => services.AddSingleton<IEndpointSource>(_source), clock);

    private async Task GetAsync(MeshHost mesh)
    {
        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("http://dynamic/"), Cancellation);
        await Eventually.TrueAsync(() =>
        {
            // Publishing is spaced by the clock.
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return call.IsCompleted;
        });
        (await call).Dispose();
    }

    private void Advance(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Sweep)
        {
            _clock.Advance(Sweep);
        }
    }
}

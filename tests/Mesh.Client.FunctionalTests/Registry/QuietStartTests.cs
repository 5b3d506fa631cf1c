using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>What the registry says, and when, after a start.</summary>
public sealed class QuietStartTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _started = new();
    private readonly ServiceRegistry _registry;

    public QuietStartTests()
    {
        _registry = new ServiceRegistry(_clock);
        _registry.Serve(_started.Token);
    }

    public void Dispose() => _started.Dispose();

    [Fact]
    public async Task Watch_Registrations_AreSaidOnceQuietForASecond()
    {
        await _started.CancelAsync();
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Task<EndpointSet> first = reader.NextAsync();

        for (int i = 1; i <= 5; i++)
        {
            Add(i);
            await PassAsync(TimeSpan.FromMilliseconds(900));
            Assert.False(first.IsCompleted);
        }

        await PassAsync(TimeSpan.FromMilliseconds(200));
        Assert.Equal(5, (await first).Endpoints.Length);
    }

    [Fact]
    public async Task Watch_NeverQuiet_SaidAfterTenSeconds()
    {
        await _started.CancelAsync();
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Task<EndpointSet> first = reader.NextAsync();
        for (int i = 1; i <= 19; i++)
        {
            Add(i);
            await PassAsync(TimeSpan.FromMilliseconds(500));
            Assert.False(first.IsCompleted);
        }

        Add(20);
        await PassAsync(TimeSpan.FromMilliseconds(600));
        Assert.Equal(20, (await first).Endpoints.Length);
    }

    [Fact]
    public async Task Watch_NobodyRegisters_IsNotFoundAfterTenSecondsOnly()
    {
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Task<EndpointSet> first = reader.NextAsync();
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.False(first.IsCompleted, "It does not listen yet.");

        await _started.CancelAsync();
        await PassAsync(TimeSpan.FromSeconds(9.9));
        Assert.False(first.IsCompleted);
        await PassAsync(TimeSpan.FromSeconds(0.2));

        Assert.Equal(EndpointSetStatus.NotFound, (await first).Status);
    }

    [Fact]
    public async Task Watch_OneComesAndGoes_IsEmptyAfterTenSecondsOnly()
    {
        await _started.CancelAsync();
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Task<EndpointSet> first = reader.NextAsync();
        RegisteredInstance instance = Add(1);
        await PassAsync(TimeSpan.FromMilliseconds(500));
        Assert.True(_registry.Remove(instance));

        await PassAsync(TimeSpan.FromSeconds(9.4));
        Assert.False(first.IsCompleted);
        await PassAsync(TimeSpan.FromSeconds(0.2));

        EndpointSet empty = await first;
        Assert.Equal((EndpointSetStatus.Known, 0), (empty.Status, empty.Endpoints.Length));
    }

    [Fact]
    public async Task Watch_TheOnlyOneSaidLeaves_IsEmptyAfterTenSecondsOnly()
    {
        await _started.CancelAsync();
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        RegisteredInstance instance = Add(1);
        await PassAsync(TimeSpan.FromSeconds(1.1));
        Assert.Single((await reader.NextAsync()).Endpoints);
        Task<EndpointSet> next = reader.NextAsync();
        Assert.True(_registry.Remove(instance));

        await PassAsync(TimeSpan.FromSeconds(8.8));
        Assert.False(next.IsCompleted);
        await PassAsync(TimeSpan.FromSeconds(0.2));

        Assert.Empty((await next).Endpoints);
    }

    [Fact]
    public async Task Watch_OneLeaves_IsQuietASecondAfterThat()
    {
        await _started.CancelAsync();
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Task<EndpointSet> first = reader.NextAsync();
        Add(1);
        RegisteredInstance leaving = Add(2);
        await PassAsync(TimeSpan.FromMilliseconds(900));
        Assert.True(_registry.Remove(leaving));

        await PassAsync(TimeSpan.FromMilliseconds(900));
        Assert.False(first.IsCompleted);
        await PassAsync(TimeSpan.FromMilliseconds(200));

        Assert.Single((await first).Endpoints);
    }

    [Fact]
    public async Task Watch_LaterOn_IsSaidAtOnce_AndAnEmptyServiceStaysKnown()
    {
        await _started.CancelAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        await using var reader = new StateReader(_registry, RegistryHost.Catalog);
        Assert.Equal(EndpointSetStatus.NotFound, (await reader.NextAsync()).Status);

        RegisteredInstance instance = Add(1);
        Assert.Single((await reader.NextAsync()).Endpoints);
        Assert.True(_registry.Remove(instance));

        EndpointSet empty = await reader.NextAsync();
        Assert.Equal((EndpointSetStatus.Known, 0), (empty.Status, empty.Endpoints.Length));
    }

    [Fact]
    public async Task Watch_NotMapped_IsNotFoundAtOnce()
    {
        await using var reader = new StateReader(new ServiceRegistry(_clock), RegistryHost.Catalog);

        Assert.Equal(EndpointSetStatus.NotFound, (await reader.NextAsync()).Status);
    }

    private RegisteredInstance Add(int number)
    {
        Assert.True(EndpointAddress.TryParse($"10.0.0.{number}:80", out EndpointAddress? address));
        var instance = new RegisteredInstance(RegistryHost.Catalog.Host, $"catalog-{number}", new Endpoint(address), null);
        Assert.Null(_registry.Add(instance));
        return instance;
    }

    /// <summary>Lets the reader reach its timer before and after the clock moves.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await SettleAsync();
        _clock.Advance(time);
        await SettleAsync();
    }

    private static async Task SettleAsync()
    {
        int looks = 0;
        await Eventually.TrueAsync(() => ++looks > 5);
    }
}

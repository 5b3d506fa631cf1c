using System.Collections.Frozen;
using Grpc.Core;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.FunctionalTests.Discovery;

public sealed class ControlPlaneTests : IAsyncLifetime
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    private readonly ManualSource _source = new();
    private InProcessServer _host = null!;
    private ControlPlaneChannel _channel = null!;

    private Destination.DestinationClient Client => new(_channel.CreateCallInvoker());

    public async ValueTask InitializeAsync()
    {
        // The stop may take long: a test sees that it does not.
        _host = await InProcessServer.StartAsync(
            services => services.AddSingleton<IEndpointSource>(_source).AddMeshControlPlane(),
            app => app.MapMeshControlPlane(),
            shutdownTimeout: TimeSpan.FromSeconds(60));
        _channel = new ControlPlaneChannel(_host.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Get_ThroughTheClient_FollowsTheSource()
    {
        await using StateReader reader = Read();

        _source.Set(Known(1, 2));
        Assert.True((await reader.NextAsync()).Is(1, 2));
        _source.Set(Known(2, 3));
        await reader.UntilAsync(state => state.Is(2, 3));
        _source.Set(Known());
        Assert.True((await reader.NextAsync()).Is());
        _source.Set(Known(4, 5));
        Assert.True((await reader.NextAsync()).Is(4, 5));
        _source.Set(EndpointSet.NotFound("deleted"));
        EndpointSet gone = await reader.NextAsync();
        Assert.Equal(EndpointSetStatus.NotFound, gone.Status);
        Assert.EndsWith("no service catalog.shop.svc.cluster.local:80: deleted", gone.Problem, StringComparison.Ordinal);
        _source.Set(Known(6));
        Assert.True((await reader.NextAsync()).Is(6));
    }

    [Fact]
    public async Task Get_EndpointWithEverything_ArrivesWhole()
    {
        var endpoint = new Endpoint(Wire.Address(1))
        {
            Weight = 7,
            Priority = 2,
            Zone = "a",
            HashKey = "catalog-1",
            Labels = new Dictionary<string, string> { ["pod"] = "catalog-1-x" }.ToFrozenDictionary(),
        };
        _source.Set(EndpointSet.Known([endpoint, new Endpoint(V6)]));
        await using StateReader reader = Read();

        EndpointSet state = await reader.NextAsync();
        Endpoint first = state.Endpoints.Single(candidate => candidate.Address == endpoint.Address);
        Assert.Equal(
            (7, 2, "a", "catalog-1", "catalog-1-x"), (first.Weight, first.Priority, first.Zone, first.HashKey, first.Labels["pod"]));
        Assert.Equal(new Endpoint(V6), state.Endpoints.Single(candidate => candidate.Address == V6));
    }

    [Fact]
    public async Task Get_Changes_AreSentAsDifferencesAddBeforeRemove()
    {
        _source.Set(Known(1, 2, 3));
        using AsyncServerStreamingCall<Update> call = Call();
        Assert.Equal(3, (await NextAsync(call)).Add.Addrs.Count);

        _source.Set(EndpointSet.Known(
            [new Endpoint(Wire.Address(2)), new Endpoint(Wire.Address(3)) { Weight = 5 }, new Endpoint(Wire.Address(4))]));

        Assert.Equal(Wire.Add(3, 4).Add.Addrs.Select(addr => addr.Addr), (await NextAsync(call)).Add.Addrs.Select(addr => addr.Addr));
        Assert.Equal(Wire.Remove(1), await NextAsync(call));
    }

    [Fact]
    public async Task Get_Empty_SaysThatItExists()
    {
        _source.Set(Known());
        using AsyncServerStreamingCall<Update> call = Call();

        Assert.Equal(Wire.NoEndpoints(true), await NextAsync(call));
    }

    [Fact]
    public async Task Get_NothingKnownYet_SendsHeadersAtOnce()
    {
        _source.Set(EndpointSet.Unknown());
        using AsyncServerStreamingCall<Update> call = Call();

        await call.ResponseHeadersAsync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Task<Update> next = NextAsync(call);
        Assert.False(next.IsCompleted);
        _source.Set(Known(1));
        Assert.Single((await next).Add.Addrs);
    }

    [Fact]
    public async Task Get_SourceOutOfReach_IsUnavailableAndNotSilence()
    {
        _source.Set(EndpointSet.Unknown("the API server is out of reach"));
        using AsyncServerStreamingCall<Update> call = Call();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
        Assert.Equal((StatusCode.Unavailable, "the API server is out of reach"), (exception.StatusCode, exception.Status.Detail));
    }

    [Theory]
    [InlineData("10.0.0.1:80", StatusCode.InvalidArgument, "path '10.0.0.1:80' is an IP address; the name of a service is needed")]
    [InlineData("catalog:99999", StatusCode.InvalidArgument, "path 'catalog:99999': port is not 1 to 65535")]
    [InlineData("catalog", StatusCode.NotFound, "no service catalog:80")]
    public async Task Get_CannotBeServed_SaysWhy(string path, StatusCode code, string detail)
    {
        _source.Set(EndpointSet.NotFound());
        RpcException? exception = null;

        // While the registry's start lasts, a service may be one that registers yet.
        await Eventually.TrueAsync(async () =>
        {
            using AsyncServerStreamingCall<Update> call = Call(path);
            exception = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
            return exception.StatusCode is not StatusCode.Unavailable;
        });

        Assert.Equal((code, detail), (exception!.StatusCode, exception.Status.Detail));
    }

    [Fact]
    public async Task Get_SourceRefuses_IsNotFound()
    {
        _source.Set(EndpointSet.Refused("an external name")).End();
        using AsyncServerStreamingCall<Update> call = Call();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Get_HostNames_AreLeftOutWithOneWarning()
    {
        Assert.True(EndpointAddress.TryParse("catalog-1.internal:80", out EndpointAddress? name));
        _source.Set(EndpointSet.Known([new Endpoint(name)]));
        using AsyncServerStreamingCall<Update> call = Call();
        Assert.Equal(Wire.NoEndpoints(true), await NextAsync(call));

        _source.Set(EndpointSet.Known([new Endpoint(name), new Endpoint(Wire.Address(1))]));

        Assert.Equal(Wire.Add(1), await NextAsync(call));
        Assert.Contains(
            "catalog-1.internal:80",
            Assert.Single(_host.Logs.GetSnapshot(), record => record.Level >= LogLevel.Warning).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_CallerLeaves_SourceIsLeftWithoutAnError()
    {
        _source.Set(Known(1));
        using (AsyncServerStreamingCall<Update> call = Call())
        {
            await NextAsync(call);
        }

        await Eventually.TrueAsync(() => _source.Watchers == 0);
        Assert.DoesNotContain(_host.Logs.GetSnapshot(), record => record.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Get_ApplicationStops_EndsAtOnceWithUnavailable()
    {
        _source.Set(Known(1));
        using AsyncServerStreamingCall<Update> call = Call();
        await NextAsync(call);

        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
        Assert.Equal((StatusCode.Unavailable, "the control plane is stopping"), (exception.StatusCode, exception.Status.Detail));
        Assert.DoesNotContain(_host.Logs.GetSnapshot(), record => record.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Get_100000Endpoints_ArriveAndChange()
    {
        Endpoint[] endpoints = [.. Enumerable.Range(0, 100_000).Select(number => new Endpoint(Wire.Address(number))
        {
            Zone = "zone-" + (number % 3),
            HashKey = $"catalog-{number}",
            Labels =
                new Dictionary<string, string> { ["pod"] = $"catalog-5d4f8c7b9-{number}", ["namespace"] = "shop" }.ToFrozenDictionary(),
        })];
        _source.Set(EndpointSet.Known([.. endpoints]));
        await using StateReader reader = Read();

        // On a busy machine so large a message may take longer than the silence that means "none yet".
        await reader.UntilAsync(state => state.Endpoints.Length == 100_000);

        _source.Set(EndpointSet.Known([.. endpoints.Skip(1)]));

        Assert.Equal(99_999, (await reader.NextAsync()).Endpoints.Length);
    }

    [Fact]
    public async Task MapMeshControlPlane_WithoutItsServices_SaysWhatToAdd()
    {
        await using WebApplication app = WebApplication.CreateSlimBuilder().Build();

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => app.MapMeshControlPlane());
        Assert.Contains("builder.Services.AddMeshControlPlane()", exception.Message, StringComparison.Ordinal);
    }

    private static EndpointAddress V6 => EndpointAddress.Create(System.Net.IPAddress.Parse("2001:db8::1"), 443);

    private static EndpointSet Known(params int[] numbers) =>
        EndpointSet.Known([.. numbers.Select(number => new Endpoint(Wire.Address(number)))]);

    private StateReader Read() =>
        new(new DestinationSource(_channel, "shop", TimeProvider.System, NullLogger.Instance), Service);

    private AsyncServerStreamingCall<Update> Call(string path = "Catalog.shop.svc.cluster.local.") =>
        Client.Get(new GetDestination { Path = path }, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<Update> NextAsync(AsyncServerStreamingCall<Update> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        return call.ResponseStream.Current;
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>10,000 endpoints with 100 changes a second: calls go on, and none does any of an update's work.</summary>
[Collection(nameof(Alone))]
public sealed class ChurnTests
{
    private const int Size = 10_000;
    private const int ChangesAtOnce = 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly AnsweringHandlers _handlers = new();
    private readonly ChurningFleet _fleet = new(Size);
    private readonly ManualSource _source = new();

    /// <summary>A table, a sort or a list of ten thousand cannot be made without allocating, and a pick allocates nothing.</summary>
    [Theory]
    [InlineData(LoadBalancingPolicyName.PeakEwma, false)]
    [InlineData(LoadBalancingPolicyName.RoundRobin, false)]
    [InlineData(LoadBalancingPolicyName.Random, false)]
    [InlineData(LoadBalancingPolicyName.LeastRequest, false)]
    [InlineData(LoadBalancingPolicyName.Maglev, true)]
    [InlineData(LoadBalancingPolicyName.RingHash, true)]
    public async Task Pick_WhileEndpointsChange_DoesNothingOfTheUpdate(string policy, bool keyed)
    {
        await using ServiceProvider provider = Mesh(policy);
        ServiceRuntime service = await StartAsync(provider);
        var picker = new Picker(service, keyed);
        picker.Pick(1_000);
        using var over = new CancellationTokenSource();
        Task<long> picking = Task.Factory.StartNew(
            () => picker.AllocatedUntil(over.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        for (int i = 0; i < 5; i++)
        {
            ServiceSnapshot before = service.Snapshot;
            _fleet.Change(ChangesAtOnce);
            _source.Set(_fleet.State);
            await Eventually.TrueAsync(() => service.Snapshot.Set.Equals(_fleet.State) && picker.Seen == service.Snapshot);
            Assert.NotSame(before.Balancers, service.Snapshot.Balancers);
        }

        await over.CancelAsync();

        // A collection on another thread may show as much as a thread is given at once. The smallest table takes 16 times that.
        Assert.InRange(await picking, 0, 8192);
    }

    [Fact]
    public async Task Send_WhileTheUpdaterIsHeldUp_GoesOn()
    {
        Endpoint[] endpoints = [.. new ChurningFleet(3).State.Endpoints];
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        await using ServiceProvider provider = Mesh(LoadBalancingPolicyName.RoundRobin);
        _source.Set(EndpointSet.Known([.. endpoints]));
        ServiceRuntime service = await StartAsync(provider, endpoints.Length);
        HttpClient http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        foreach (EndpointRuntime endpoint in service.Snapshot.Endpoints)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
            (await endpoint.Pool.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        }

        Assert.Equal(3, _handlers.Live);

        // The updater takes down what has left, and stands still in the middle of it.
        _handlers.Disposing = () =>
        {
            held.Set();
            release.Wait(TestContext.Current.CancellationToken);
        };
        _source.Set(EndpointSet.Known([.. endpoints.Skip(1)]));
        await Eventually.TrueAsync(() => held.IsSet);
        try
        {
            // The service's first calls: what they make, they make without the updater.
            CancellationToken cancellation = TestContext.Current.CancellationToken;
            await Task.Run(() => CallAsync(http, 100), cancellation).WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        }
        finally
        {
            release.Set();
        }

        await Eventually.TrueAsync(() => _handlers.Live == 2);
        GC.KeepAlive(service);
    }

    [Fact]
    public async Task Endpoints_ThatLeft_AreForgotten()
    {
        await using ServiceProvider provider = Mesh(LoadBalancingPolicyName.Maglev);
        ServiceRuntime service = await StartAsync(provider);
        HttpClient http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        await CallAsync(http, 1_000);
        WeakReference[] first = Watch(service);

        _source.Set(EndpointSet.Known([.. new ChurningFleet(2 * Size).State.Endpoints.Skip(Size)]));
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints[0] != first[0].Target && service.Health.Total == Size);
        await CallAsync(http, 10);

        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !Array.Exists(first, endpoint => endpoint.IsAlive);
        });
        Assert.InRange(_handlers.Live, 1, 10);
    }

    /// <summary>Through a real control plane; the long form lasts ten minutes.</summary>
    [Fact]
    public async Task Mesh_FleetThatNeverRests_EveryCallSucceedsAndMemoryIsSteady()
    {
        _source.Set(_fleet.State);
        await using InProcessServer controlPlane = await InProcessServer.StartAsync(
            services => services.AddSingleton<IEndpointSource>(_source).AddMeshControlPlane(), app => app.MapMeshControlPlane());
        await using ServiceProvider provider = Mesh(LoadBalancingPolicyName.Maglev, controlPlane.Address);
        ServiceRuntime service = provider.GetRequiredService<MeshRuntime>().Find(MeshHost.CatalogUri, MeshScope.Client)!;
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints.Length == Size);
        HttpClient http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        using var over = new CancellationTokenSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => CallUntilAsync(http, over.Token)))];

        // Long enough for nearly every key's endpoint to be called once. What is on its way counts in neither measurement: the fleet rests.
        await ChurnAsync(TimeSpan.FromSeconds(4));
        await ArrivedAsync(service);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await ChurnAsync(LongRun.Duration(TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(10)));
        await ArrivedAsync(service);
        long after = 0;
        await Eventually.TrueAsync(() => (after = GC.GetTotalMemory(forceFullCollection: true)) < before * 1.25);
        await over.CancelAsync();
        int calls = (await Task.WhenAll(callers)).Sum();
        await Eventually.TrueAsync(() => _handlers.Live <= Size);
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{calls} calls, {before} bytes before, {after} bytes after"));
        Assert.True(calls > 100, $"{calls} calls");
    }

    // What arrives in the end is the fleet as it is, whatever the way there.
    private async Task ArrivedAsync(ServiceRuntime service)
    {
        var expected = _fleet.State.Endpoints.Select(Told).ToHashSet();
        await Eventually.TrueAsync(() => expected.SetEquals(service.Snapshot.Set.Endpoints.Select(Told)));
    }

    private static (string Address, int Weight, string? Key) Told(Endpoint endpoint) =>
        (endpoint.Address.Text, endpoint.Weight, endpoint.HashKey);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Watch(ServiceRuntime service) =>
        [.. service.Snapshot.Endpoints.Select(endpoint => new WeakReference(endpoint))];

    private static async Task CallAsync(HttpClient http, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("x-user-id", string.Create(CultureInfo.InvariantCulture, $"user-{i}"));
            using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }

    private static async Task<int> CallUntilAsync(HttpClient http, CancellationToken over)
    {
        int calls = 0;
        for (; !over.IsCancellationRequested; calls += 1_000)
        {
            await CallAsync(http, 1_000);
        }

        return calls;
    }

    private async Task ChurnAsync(TimeSpan duration)
    {
        long started = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(Pace);
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            _fleet.Change(ChangesAtOnce);
            _source.Set(_fleet.State);
        }
    }

    private ServiceProvider Mesh(string policy, Uri? controlPlane = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEndpointHandlerFactory>(_handlers);
        if (controlPlane is null)
        {
            services.AddSingleton<IEndpointSource>(_source);
        }

        services.AddMeshClient(options =>
        {
            options.ControlPlane.Address = controlPlane;
            options.Services.Add("catalog", new MeshServiceOptions
            {
                LoadBalancing = new LoadBalancingOptions
                {
                    Policy = policy,
                    EndpointKey = MeshEndpointKey.HashKey,
                    HashOn = [new HashOnOptions { Header = "x-user-id" }],
                },
            });
        });
        services.AddHttpClient("catalog", http => http.BaseAddress = MeshHost.CatalogUri).UseMesh().RemoveAllLoggers();
        return services.BuildServiceProvider();
    }

    private async Task<ServiceRuntime> StartAsync(ServiceProvider provider, int size = Size)
    {
        if (size == Size)
        {
            _source.Set(_fleet.State);
        }

        ServiceRuntime service = provider.GetRequiredService<MeshRuntime>().Find(MeshHost.CatalogUri, MeshScope.Client)!;
        await Eventually.TrueAsync(() => service.Snapshot.Endpoints.Length == size);
        return service;
    }

    /// <summary>Picks as a call does, over the snapshot of the moment.</summary>
    private sealed class Picker(ServiceRuntime service, bool keyed) : ICandidates
    {
        private ServiceSnapshot _snapshot = service.Snapshot;
        private ulong _hash;

        /// <summary>The latest snapshot that was picked from.</summary>
        public ServiceSnapshot Seen => Volatile.Read(ref _snapshot);

        public int Count => _snapshot.Endpoints.Length;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => _snapshot.Endpoints[index].CanPick(int.MaxValue, ignoresEjections: false);

        public EndpointLoad Load(int index) => _snapshot.Endpoints[index].Load;

        public void Pick(int times)
        {
            for (int i = 0; i < times; i++)
            {
                ServiceSnapshot snapshot = service.Snapshot;
                _hash += 0x9E3779B97F4A7C15;
                Volatile.Write(ref _snapshot, snapshot);
                if (snapshot.Balancers.Pick(keyed, _hash, this).IsNone)
                {
                    throw new InvalidOperationException("Nothing was picked.");
                }
            }
        }

        /// <summary>The most that the calling thread allocates for a hundred picks.</summary>
        public long AllocatedUntil(CancellationToken over)
        {
            Pick(1_000);
            long most = 0;
            while (!over.IsCancellationRequested)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Pick(100);
                most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return most;
        }
    }
}

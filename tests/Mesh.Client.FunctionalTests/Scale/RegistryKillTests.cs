using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Endurance;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>
/// 64 callers, half of them over gRPC, while the registry is killed and started again and instances come and go: no call fails, and
/// nothing is executed twice.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RegistryKillTests : IDisposable
{
    private const int Callers = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ExecutedIds _executed = new(Callers);
    private readonly int[] _turns = new int[Callers];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Registry_KilledAndRestartedUnderLoad_CostsNoCall()
    {
        string settings = _folder.Write("control-plane.json", JsonSerializer.Serialize(new Dictionary<string, string>()));
        TestNodeProcess registry = await TestNodeProcess.ControlPlaneAsync(settings);
        int port = registry.Port;
        var instances = new Queue<MeshServer>();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                instances.Enqueue(await StartInstanceAsync(port, i));
            }

            await using ServiceProvider client = Client(port);
            MeshRuntime runtime = client.GetRequiredService<MeshRuntime>();
            ServiceRuntime catalog = runtime.Find(MeshHost.CatalogUri, MeshScope.Client)!;
            await AreKnownAsync(catalog, instances);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            using GrpcChannel channel = client.GetRequiredService<IMeshChannelFactory>().CreateChannel("catalog");
            Task[] callers =
                [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, channel, caller, over.Token)))];

            int kills = LongRun.Count(3, 30);
            for (int kill = 0; kill < kills; kill++)
            {
                await AreCallingAsync();
                await registry.KillAsync();
                await registry.DisposeAsync();
                await Eventually.TrueAsync(() => catalog.Snapshot.Set.Problem is not null);
                await AreCallingAsync();
                registry = await TestNodeProcess.ControlPlaneAsync(settings, port);

                // One comes while the others are coming back, one leaves when that is done.
                instances.Enqueue(await StartInstanceAsync(port, 3 + kill));
                await AreKnownAsync(catalog, instances);
                MeshServer leaving = instances.Dequeue();
                await leaving.StopAsync();
                await leaving.DisposeAsync();
                await AreKnownAsync(catalog, instances);
            }

            await over.CancelAsync();
            await Task.WhenAll(callers);
            TestContext.Current.TestOutputHelper?.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{_turns.Sum()} calls, {kills} kills, {_failures.Count} failed"));
            Assert.True(_failures.IsEmpty, string.Join("\n", _failures.Take(5)));
            for (int caller = 0; caller < Callers; caller++)
            {
                Assert.All(Enumerable.Range(0, _turns[caller]), turn => Assert.Equal(1, _executed.Times(caller, turn)));
            }
        }
        finally
        {
            await registry.DisposeAsync();
            foreach (MeshServer instance in instances)
            {
                await instance.DisposeAsync();
            }
        }
    }

    private static ServiceProvider Client(int controlPlane)
    {
        var services = new ServiceCollection();
        services.AddMeshClient(options => options.ControlPlane.Address = new Uri($"http://127.0.0.1:{controlPlane}"));
        services.AddHttpClient("catalog", http => http.BaseAddress = MeshHost.CatalogUri).UseMesh().RemoveAllLoggers();
        return services.BuildServiceProvider();
    }

    private static Task AreKnownAsync(ServiceRuntime catalog, IEnumerable<MeshServer> instances)
    {
        string[] alive = [.. instances.Select(instance => $"127.0.0.1:{instance.Port}").Order(StringComparer.Ordinal)];
        return Eventually.TrueAsync(() => catalog.Snapshot.Set.Problem is null
            && catalog.Snapshot.Endpoints.Select(endpoint => endpoint.Address.Text).Order(StringComparer.Ordinal).SequenceEqual(alive));
    }

    /// <summary>Every caller has got an answer since.</summary>
    private Task AreCallingAsync()
    {
        int[] before = [.. _turns];
        return Eventually.TrueAsync(() => _turns.Zip(before).All(turns => turns.First > turns.Second) || !_failures.IsEmpty);
    }

    private Task<MeshServer> StartInstanceAsync(int registry, int number) => MeshServer.StartAsync(
        credentials: null,
        before: builder =>
        {
            ((Microsoft.Extensions.Configuration.IConfigurationBuilder)builder.Configuration).Add(new MeshSettings.Source(
            [
                ("ControlPlane:Address", $"http://127.0.0.1:{registry}"),
                ("Server:Service", "catalog"),
                ("Server:Instance", $"catalog-{number}"),
            ]));
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
            builder.Services.AddSingleton(_executed).AddGrpc(options => options.Interceptors.Add<ExecutedIds>());
        },
        map: app => app.MapPost("/execute/{id}", (string id) => _executed.Record(id)));

    private async Task CallAsync(ServiceProvider client, GrpcChannel channel, int caller, CancellationToken over)
    {
        HttpClient http = client.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        var probe = new Probe.ProbeClient(channel);
        for (int turn = 0; !over.IsCancellationRequested; turn++)
        {
            string id = ExecutedIds.Id(caller, turn);
            try
            {
                if (caller % 2 == 0)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, $"/execute/{id}");
                    request.SetMeshHashKey(id);
                    using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
                    response.EnsureSuccessStatusCode();
                }
                else
                {
                    await probe.WhoAsync(new ProbeRequest { Key = id }, cancellationToken: TestContext.Current.CancellationToken);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or RpcException)
            {
                _failures.Enqueue($"{id}: {exception}");
            }

            Volatile.Write(ref _turns[caller], turn + 1);
        }
    }
}

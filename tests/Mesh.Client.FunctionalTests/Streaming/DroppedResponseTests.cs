using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>What watches a response for being dropped is lent from call to call: what others do to theirs must not touch it.</summary>
public sealed class DroppedResponseTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DisposedByAnotherFinalizer_TheNextIsWatchedStill()
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);
        for (int i = 0; i < 4; i++)
        {
            await DropAsync(mesh, finalized: true);
            await GivenBackAsync(mesh, server);
        }

        using HttpResponseMessage open = await GetAsync(mesh);
        await DropAsync(mesh, finalized: false);

        // Those that are open are left alone, those that are dropped are found.
        await CollectUntilAsync(() => mesh.Pending(server.Port) == 1);
        open.Dispose();
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task AnEndedResponseIsKept_TheNextIsWatchedStill()
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);
        HttpResponseMessage ended = await GetAsync(mesh);
        ended.Dispose();

        await DropAsync(mesh, finalized: false);

        await GivenBackAsync(mesh, server);
        GC.KeepAlive(ended);
    }

    [Fact]
    public async Task AListenerThrows_TheCountComesBackAndTheProcessLives()
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);
        int thrown = 0;
        using var listener = new MeterListener();
        object ours = mesh.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            // Told of when a call ends, not before.
            if (ReferenceEquals(instrument.Meter.Scope, ours) && instrument.Name == "mesh.client.attempts")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            Interlocked.Increment(ref thrown);
            throw new InvalidOperationException("a listener's own");
        });
        listener.Start();

        await DropAsync(mesh, finalized: false);

        await CollectUntilAsync(() => Volatile.Read(ref thrown) > 0 && mesh.Service().Active == 0);
        Assert.Equal(0, mesh.Pending(server.Port));
        Assert.True(mesh.Service().TryClose());
    }

    private static Task GivenBackAsync(MeshHost mesh, MeshServer server) => CollectUntilAsync(() => mesh.Pending(server.Port) == 0);

    private static Task CollectUntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return condition();
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(MeshHost mesh, bool finalized)
    {
        // Finalizers run in no told order: one is made before what watches the response, one after.
        Owner? before = finalized ? new Owner() : null;
        HttpResponseMessage response = await GetAsync(mesh);
        if (before is not null)
        {
            before.Response = response;
            _ = new Owner { Response = response };
        }
    }

    private static Task<HttpResponseMessage> GetAsync(MeshHost mesh) => mesh.Client().SendAsync(
        new HttpRequestMessage(HttpMethod.Get, "http://catalog/endless")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
        HttpCompletionOption.ResponseHeadersRead,
        Cancellation);

    private Task<MeshServer> StartAsync() => MeshServer.StartAsync(
        _ca.Issue(SecureMesh.Catalog, _ca),
        map: app => app.MapGet("/endless", async context =>
        {
            await context.Response.WriteAsync("hello", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }));

    private sealed class Owner
    {
        ~Owner() => Response?.Dispose();

        public HttpResponseMessage? Response { get; set; }
    }
}

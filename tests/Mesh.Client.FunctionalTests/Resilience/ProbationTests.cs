using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>What an endpoint's state is told before a body has ended, and when there is no answer at all.</summary>
public sealed class ProbationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_EndlessBodyOnProbation_OpensTheEndpointAtItsHead()
    {
        int failing = 7;
        await using Backend sick = await Backend.StartAsync(async context =>
        {
            if (Interlocked.Decrement(ref failing) >= 0)
            {
                context.Response.StatusCode = 500;
                return;
            }

            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });
        await using Backend other = await Backend.StartAsync();
        var clock = new RecordingClock();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([sick.Address, other.Address], clock: clock);
        EndpointRuntime endpoint = mesh.Service().Snapshot.Endpoints.Single(e => e.Address.Text == sick.Address);
        for (int i = 0; i < 7; i++)
        {
            (await mesh.SendToAsync(sick.Address, HttpMethod.Post)).Dispose();
        }

        Assert.Equal("ejected", endpoint.State);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("probation", endpoint.State);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.SetMeshHashKey(mesh.KeyOf(sick.Address));
        using HttpResponseMessage response =
            await mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal(("available", 1), (endpoint.State, endpoint.Load.Pending));
    }

    [Fact]
    public async Task Get_CallerGivesUp_TheWaitCountsAsTheEndpointsLatency()
    {
        await using Backend silent = await Backend.StartAsync(
            context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        var clock = new RecordingClock();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([silent.Address], clock: clock);
        EndpointRuntime endpoint = Assert.Single(mesh.Service().Snapshot.Endpoints);
        using var caller = new CancellationTokenSource();

        Task<HttpResponseMessage> call = mesh.SendToAsync(silent.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => silent.Hits == 1);
        clock.Advance(TimeSpan.FromSeconds(5));
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await Eventually.TrueAsync(() => endpoint.Load.Pending == 0);
        Assert.InRange(endpoint.Load.Cost(clock.GetTimestamp()), 4.9, 5.1);
    }
}

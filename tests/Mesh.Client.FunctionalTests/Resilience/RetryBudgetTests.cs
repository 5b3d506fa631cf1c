using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>One budget for a service, whoever calls it.</summary>
public sealed class RetryBudgetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_BudgetOfTwo_IsSharedByTwoClientsAndAChannel()
    {
        await using ScriptedProbe one = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe two = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using MeshHost mesh = await StartAsync([one.Address, two.Address], retries: 1, minPerSecond: 2);
        using var retries = new MetricCollector<long>(
            mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.retries");
        using GrpcChannel first = mesh.Channel(options => options.ThrowOperationCanceledOnCancellation = true);
        using GrpcChannel second = mesh.Channel();
        using HttpClient plain = mesh.Client();
        using HttpClient other = mesh.Client("two");

        // The first two failures are covered by the reserve of 2 × 1 s, whoever has them; the third and the fourth are not.
        Assert.Equal(2, await CallsForAsync(() => WhoAsync(first)));
        Assert.Equal(2, await CallsForAsync(() => PostAsync(plain)));
        Assert.Equal(1, await CallsForAsync(() => PostAsync(other)));
        Assert.Equal(1, await CallsForAsync(() => WhoAsync(second)));

        IEnumerable<object?> outcomes = retries.GetMeasurementSnapshot().Select(measured => measured.Tags["mesh.retry.outcome"]);
        Assert.Equal(["failure", "failure", "denied_budget", "denied_budget"], outcomes);

        async Task<int> CallsForAsync(Func<Task<StatusCode>> call)
        {
            int before = one.Calls + two.Calls;
            Assert.Equal(StatusCode.Unavailable, await call());
            return one.Calls + two.Calls - before;
        }
    }

    [Fact]
    public async Task GrpcRetryPolicy_BeyondTheBudget_IsRefusedByName()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([probe.Address], retries: 0, minPerSecond: 0);
        using GrpcChannel channel = mesh.Channel(WithRetryPolicy);
        var client = new Probe.ProbeClient(channel);

        // Five answered calls earn one retry.
        for (int i = 0; i < 5; i++)
        {
            await client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        }

        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () =>
                client.WhoAsync(new ProbeRequest { Status = (int)StatusCode.Unavailable }, cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("retry budget", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(5 + 2, probe.Calls);
    }

    [Fact]
    public async Task GrpcRetryPolicy_CoveredByTheBudget_IsCarriedOut()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using MeshHost mesh = await StartAsync([probe.Address], retries: 0, minPerSecond: 10);
        using GrpcChannel channel = mesh.Channel(WithRetryPolicy);

        Assert.Equal(StatusCode.Unavailable, await WhoAsync(channel));

        Assert.Equal(5, probe.Calls);
    }

    private static void WithRetryPolicy(GrpcChannelOptions options) => options.ServiceConfig = new ServiceConfig
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 5,
                    InitialBackoff = TimeSpan.FromMilliseconds(1),
                    MaxBackoff = TimeSpan.FromMilliseconds(1),
                    BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    };

    private static async Task<StatusCode> WhoAsync(GrpcChannel channel)
    {
        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);
        return failure.StatusCode;
    }

    // gRPC through the client itself, by a channel of the caller's own.
    private static async Task<StatusCode> PostAsync(HttpClient http)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(MeshHost.CatalogUri, new GrpcChannelOptions { HttpClient = http });
        return await WhoAsync(channel);
    }

    // A reserve of MinPerSecond × 1 s; the clock stands still.
    private static Task<MeshHost> StartAsync(string[] endpoints, int retries, int minPerSecond) => MeshHost.StartCatalogAsync(
        endpoints,
        service => service.Retry = new RetryOptions
        {
            MaxRetries = retries,
            Budget = new RetryBudgetOptions { Ratio = 0.2, MinPerSecond = minPerSecond, Window = TimeSpan.FromSeconds(1) },
        },
        new RecordingClock(),
        services => services.AddHttpClient("two", client => client.BaseAddress = MeshHost.CatalogUri).UseMesh());
}

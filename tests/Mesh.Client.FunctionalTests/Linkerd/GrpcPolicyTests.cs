using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Runtime;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What a Linkerd policy makes of gRPC statuses.</summary>
public sealed class GrpcPolicyTests : IAsyncLifetime
{
    private readonly RecordingClock _clock = new();
    private ScriptedProbe _probe = null!;
    private ScriptedProbe _other = null!;
    private MeshHost _mesh = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EndpointRuntime Endpoint => _mesh.Endpoint(_probe.Address);

    public async ValueTask InitializeAsync()
    {
        _probe = await ScriptedProbe.StartAsync();
        _other = await ScriptedProbe.StartAsync();
        _mesh = await MeshHost.StartCatalogAsync(
            [_probe.Address, _other.Address], service => service.Retry = new RetryOptions { MaxRetries = 0 }, _clock);
        _channel = _mesh.Channel();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _mesh.DisposeAsync();
        await _other.DisposeAsync();
        await _probe.DisposeAsync();
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, null, 0, 5)]
    [InlineData(StatusCode.ResourceExhausted, null, 0, 5)]
    [InlineData(StatusCode.Unavailable, "30000", 0, 30)]
    [InlineData(StatusCode.Unavailable, "999999", 0, 300)]
    [InlineData(StatusCode.Unavailable, "-1", 0, 5)]
    [InlineData(StatusCode.NotFound, "30000", 0, 0.03)]
    [InlineData(StatusCode.PermissionDenied, null, 0, 0.03)]
    [InlineData(StatusCode.Unavailable, "30000", 2, 0.03)]
    public async Task Penalty_TrailersOnly_LookSlow(StatusCode status, string? pushback, int messages, double seconds)
    {
        if (pushback is not null)
        {
            _probe.Trailers.Add("grpc-retry-pushback-ms", pushback);
        }

        Publish(policy => policy with
        {
            LoadBalancing = policy.LoadBalancing with { Ewma = EwmaPolicy.Default with { Penalty = EwmaPenalty.Default } },
        });

        Assert.Equal(status, await CallAsync(status, messages));

        double latency = Endpoint.Load.Latency(_mesh.Service().Now).TotalSeconds;
        Assert.InRange(latency, seconds < 1 ? 0 : seconds - 0.01, seconds);
    }

    [Theory]
    [InlineData(StatusCode.ResourceExhausted, 0, true)]
    [InlineData(StatusCode.ResourceExhausted, 2, true)]
    [InlineData(StatusCode.NotFound, 2, false)]
    public async Task SuccessRate_TooMuchInTrailers_ShutsTheEndpoint(StatusCode status, int messages, bool shut)
    {
        Publish(policy => policy with
        {
            FailureAccrual = new FailureAccrualPolicy
            {
                MaxFailures = 1000,
                SuccessRate = new SuccessRatePolicy(0.8, TimeSpan.FromSeconds(10), 5),
            },
        });

        for (int i = 0; i < 5; i++)
        {
            Assert.False(Endpoint.IsEjected);
            Assert.Equal(status, await CallAsync(status, messages));
        }

        await Eventually.TrueAsync(() => Endpoint.Load.Pending == 0);
        Assert.Equal(shut, Endpoint.IsEjected);
    }

    private void Publish(Func<ServicePolicy, ServicePolicy> change) =>
        LinkerdMesh.Publish(_mesh.Service(), change(_mesh.Service().Snapshot.Policy));

    private async Task<StatusCode> CallAsync(StatusCode status, int messages)
    {
        CallOptions options = new CallOptions(cancellationToken: Stop).WithMeshHashKey(_mesh.KeyOf(_probe.Address));
        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(_channel)
            .Download(new ProbeRequest { Status = (int)status, Count = messages }, options);
        try
        {
            while (await call.ResponseStream.MoveNext(Stop))
            {
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}

using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A client that starts together with a control plane whose registry says nothing yet.</summary>
public sealed class DoubtTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>That nobody is known yet is not that nobody is there.</summary>
    [Fact]
    public async Task Call_RegistryInDoubt_IsNoEmptyService()
    {
        var clock = new FakeTimeProvider();

        // Asked before the registry is.
        ManualSource source = new ManualSource().Set(EndpointSet.NotFound());
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            clock: clock, configure: services => services.AddSingleton<IEndpointSource>(source));
        await using MeshHost mesh = await MeshHost.StartAsync([("ControlPlane:Address", $"{controlPlane.Address}")], clock: clock);
        ServiceRuntime service = mesh.Service();

        Task<string> call = mesh.Client().GetStringAsync("/", Cancellation);
        await Eventually.TrueAsync(() => source.Watchers == 1);
        clock.Advance(TimeSpan.FromSeconds(1.5));
        await Eventually.TrueAsync(() => mesh.Logs.GetSnapshot().Any(record => record.Id.Name == "ControlPlaneLost"));
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return call.IsCompleted;
        });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
        Assert.Equal(EndpointSetStatus.Unknown, service.Snapshot.Set.Status);
    }
}

using Mesh.Client.FunctionalTests.Balancing;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Runtime;

/// <summary>After an update that took long the updater rests, but a process that was stopped meanwhile does not wait for minutes.</summary>
public sealed class UpdateRestTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(60, 5)]
    public async Task Update_ThatTookLong_RestsFourTimesThatButFiveSecondsAtMost(int took, int rest)
    {
        // A balancer is made in the middle of the update.
        var clock = new RecordingClock();
        await using MeshHost mesh = await MeshHost.StartAsync(
            new()
            {
                ["Services:catalog:LoadBalancing:Policy"] = "Slow",
                ["Services:catalog:Endpoints:0:Address"] = DeadPort.TakeAddress(),
            },
            services => services.AddMeshClient(_ => { }).AddLoadBalancer("Slow", _ =>
            {
                clock.Advance(TimeSpan.FromSeconds(took));
                return new NearestBalancer("a");
            }),
            clock);

        Assert.NotNull(mesh.Service());

        await clock.WaitedAsync(TimeSpan.FromSeconds(rest));
    }
}

using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A route's backend that nobody knows: others take its share, at once. The clock stands still.</summary>
public sealed class MissingBackendTests
{
    private readonly RecordingClock _clock = new();

    [Theory]
    [InlineData("Weighted", null)]
    [InlineData("Weighted", "user-1")]
    [InlineData("FirstAvailable", null)]
    [InlineData("FirstAvailable", "user-1")]
    public async Task BesideAnother_TheOtherTakesAll(string choice, string? key)
    {
        await using Backend good = await RoutedMesh.NamedAsync("good");
        await using MeshHost mesh = await StartAsync(
            good,
            ("Routes:0:BackendChoice", choice),
            ("Routes:0:Backends:0:Service", "gone"),
            ("Routes:0:Backends:0:Weight", "1000"),
            ("Routes:0:Backends:1:Service", "good"));

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("good", await mesh.AskAsync(key: key));
        }
    }

    [Fact]
    public async Task Alone_IsAnErrorThatNamesIt()
    {
        await using Backend good = await RoutedMesh.NamedAsync("good");
        await using MeshHost mesh = await StartAsync(good, ("Routes:0:Backends:0:Service", "gone"));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.AskAsync());

        Assert.Equal((MeshFailure.UnknownService, "gone.default.svc.cluster.local:80"), (error.Reason, error.Call!.Backend));
        Assert.Equal(0, good.Hits);
    }

    private async Task<MeshHost> StartAsync(Backend good, params (string Key, string? Value)[] settings)
    {
        MeshHost mesh = await RoutedMesh.StartAsync([("good", good.Address)], settings, _clock);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service("gone").Snapshot.Set.Status is EndpointSetStatus.NotFound && mesh.Service().Snapshot.Answered;
        });
        return mesh;
    }
}

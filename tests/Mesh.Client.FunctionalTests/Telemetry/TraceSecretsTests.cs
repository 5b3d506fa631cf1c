using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>No span holds what a request holds that may be a secret.</summary>
[Collection(nameof(Alone))]
public sealed class TraceSecretsTests
{
    private static readonly string[] Planted = ["k3y-of-anna", "qu3ry-t0ken", "h3ader-t0ken", "b0dy-t0ken", "us3r-inf0", "p4th-name"];

    [Fact]
    public async Task Spans_HoldNothingOfTheRequest()
    {
        await using Backend bad = await Backend.StartAsync(503, "b0dy-t0ken"), good = await Backend.StartAsync(200, "b0dy-t0ken");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", bad.Address), ("catalog", good.Address), ("catalog", DeadPort.TakeAddress())],
            [("Retry:Budget:MinPerSecond", "1000"), ("LoadBalancing:HashOn:0:Header", "x-user")]);
        using var trace = new TraceRecorder();

        for (int i = 0; i < 12; i++)
        {
            using var request = new HttpRequestMessage(
                i % 2 == 0 ? HttpMethod.Get : HttpMethod.Put, $"http://us3r-inf0@catalog/p4th-name/{i}?token=qu3ry-t0ken");
            request.Headers.Add("Authorization", "Bearer h3ader-t0ken");
            request.Headers.Add("x-user", $"k3y-of-anna-{i}");
            request.Content = i % 2 == 0 ? null : new StringContent("b0dy-t0ken");
            if (i > 5)
            {
                request.SetMeshHashKey($"k3y-of-anna-{i}");
            }

            (await mesh.Client().SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        }

        await trace.AllEndedAsync();
        Assert.Equal(12, trace.Calls.Length);
        Assert.All(trace.Calls, call => Assert.Matches("^[0-9a-f]{16}$", (string)call.GetTagItem("mesh.hash")!));
        Assert.Contains(trace.Attempts, attempt => attempt.Status is ActivityStatusCode.Error);
        string said = string.Join('\n', trace.Ended.Select(span =>
            $"{span.DisplayName} {span.StatusDescription} {span.TraceStateString} {string.Join(' ', span.TagObjects)} "
            + string.Join(' ', span.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags)}"))));
        Assert.All(Planted, secret => Assert.DoesNotContain(secret, said, StringComparison.OrdinalIgnoreCase));
    }
}

using System.Net.Http.Headers;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>A mesh whose service <c>catalog</c> has timeouts.</summary>
internal static class TimedMesh
{
    public static async Task<MeshHost> StartAsync(
        FakeTimeProvider clock, TimeoutPolicy timeouts, string[] endpoints, RetryOptions? retry = null)
    {
        MeshHost mesh = await MeshHost.StartCatalogAsync(
            endpoints,
            service =>
            {
                service.Retry = retry ?? new RetryOptions { On = ["reset"], MaxRetries = 1 };
                service.Timeouts = new MeshTimeoutOptions
                {
                    Request = timeouts.Request,
                    Attempt = timeouts.Attempt,
                    ResponseHead = timeouts.ResponseHead,
                    Response = timeouts.Response,
                    Idle = timeouts.Idle,
                    Header = timeouts.Header,
                };
            },
            clock);
        ServiceRuntime service = mesh.Service();
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return service.Snapshot.Routes is not null;
        });
        return mesh;
    }

    /// <summary>A request that looks like gRPC's, with this deadline.</summary>
    public static HttpRequestMessage Grpc(string? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog/mesh.test.Probe/Who")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (timeout is not null)
        {
            request.Headers.Add("grpc-timeout", timeout);
        }

        return request;
    }

    /// <summary>Says nothing until the client lets go.</summary>
    public static Task SilentAsync(HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
}

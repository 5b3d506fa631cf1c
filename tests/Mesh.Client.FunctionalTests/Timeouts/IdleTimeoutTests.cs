using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>Bodies that stop. The clock moves only when the test moves it.</summary>
public sealed class IdleTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_NoByteComes_Fails(bool http2)
    {
        await using var pieces = new Pieces();
        await using Backend backend = await pieces.StartAsync(http2);
        await using MeshHost mesh = await StartAsync(backend.Address);
        using HttpResponseMessage response = await mesh.SendToAsync(backend.Address, HttpMethod.Get, http2: http2);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] one = new byte[1];

        // Each within its time, all together not.
        for (int i = 0; i < 3; i++)
        {
            Task<int> read = body.ReadAsync(one, Cancellation).AsTask();
            _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
            pieces.Write();
            Assert.Equal(1, await read);
        }

        Task<int> last = body.ReadAsync(one, Cancellation).AsTask();
        _clock.Advance(Limit);
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => last);

        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains("idle timeout of 5 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(AttemptResult.Timeout, response.GetMeshCallInfo()!.Attempts.Single().Outcome);
        await Assert.ThrowsAsync<MeshException>(() => body.ReadAsync(one, Cancellation).AsTask());
    }

    [Fact]
    public async Task Read_CallerTakesItsTime_IsNotPunished()
    {
        await using var pieces = new Pieces();
        await using Backend backend = await pieces.StartAsync(http2: false);
        await using MeshHost mesh = await StartAsync(backend.Address);
        using HttpResponseMessage response = await mesh.GetFromAsync(backend.Address);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);

        _clock.Advance(TimeSpan.FromHours(1));
        pieces.Write();

        Assert.Equal(1, await body.ReadAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task Write_NobodyTakesTheBody_Fails()
    {
        // Reads the head, then no more.
        await using var server = new RawServer(async (stream, stop) =>
        {
            byte[] one = new byte[1];
            await stream.ReadExactlyAsync(one, stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        });
        await using MeshHost mesh = await StartAsync(server.Address);
        using var content = new EndlessContent();

        Task<HttpResponseMessage> call = mesh.SendToAsync(server.Address, HttpMethod.Post, content);
        await content.Began;
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(Limit / 10);
            return call.IsCompleted;
        });
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Contains("idle timeout of 5 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(AttemptResult.Timeout, error.Call!.Attempts.Single().Outcome);
    }

    private Task<MeshHost> StartAsync(params string[] endpoints) =>
        TimedMesh.StartAsync(_clock, new TimeoutPolicy(Idle: Limit), endpoints);

    /// <summary>A body that comes byte by byte, when the test says so.</summary>
    private sealed class Pieces : IAsyncDisposable
    {
        private readonly SemaphoreSlim _next = new(0);

        public Task<Backend> StartAsync(bool http2) => Backend.StartAsync(
            async context =>
            {
                await context.Response.Body.FlushAsync(Cancellation);
                while (true)
                {
                    await _next.WaitAsync(context.RequestAborted);
                    await context.Response.WriteAsync(".", Cancellation);
                    await context.Response.Body.FlushAsync(Cancellation);
                }
            },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);

        public void Write() => _next.Release();

        public ValueTask DisposeAsync()
        {
            _next.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Began => _began.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            byte[] piece = new byte[64 * 1024];
            _began.SetResult();
            while (true)
            {
                await stream.WriteAsync(piece, Cancellation);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

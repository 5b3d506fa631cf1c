using System.Net;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>A content whose last bytes go out when the test says so.</summary>
internal sealed class GatedContent : HttpContent
{
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isSent;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task Began => _began.Task;

    public bool IsSent => _isSent;

    public void Finish() => _finish.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("first"u8.ToArray(), Cancellation);
        await stream.FlushAsync(Cancellation);
        _began.SetResult();
        await _finish.Task;
        await stream.WriteAsync("last"u8.ToArray(), Cancellation);
        await stream.FlushAsync(Cancellation);
        _isSent = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>A fault that was drawn for a call, which counts as under way until this is disposed, once. The default is no fault.</summary>
internal readonly struct FaultLease(FaultInjector injector, TimeSpan delay, FaultAbort? abort) : IDisposable
{
    private const int Unavailable = 503;

    public bool IsNone => injector is null;

    /// <summary>How long the call is to wait first.</summary>
    public TimeSpan Delay => delay;

    /// <summary>Waits as long as was drawn, which may be not at all.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero ? injector.WaitAsync(delay, cancellationToken) : Task.CompletedTask;

    /// <summary>What the call is answered with; null: it goes on.</summary>
    public HttpResponseMessage? Abort(HttpRequestMessage request, bool isGrpc)
    {
        if (abort is null)
        {
            return null;
        }

        int status = abort.HttpStatus ?? Unavailable;
        return isGrpc
            ? PolicyAnswer.Grpc(request, abort.GrpcStatus ?? PolicyAnswer.ToGrpc(status), abort.Message)
            : PolicyAnswer.Http(request, status, abort.Message);
    }

    public void Dispose() => injector?.Exit();
}

using Mesh.Client.Grpc;
using Mesh.Client.Routing.Filters;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Runtime;

/// <summary>A copy of a request on its way elsewhere. Nobody waits for it, and what comes of it only metrics tell.</summary>
internal sealed class Mirror
{
    // Nobody would end one that is never answered.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ServiceRuntime _target;
    private readonly MirrorBody _body;
    private readonly HttpRequestMessage _copy;
    private readonly CallTrace? _original;

    private Mirror(MeshCall call, MirrorPlan plan, string? grpcKey)
    {
        _target = plan.Target.Service;
        _original = call.Trace;
        _body = MirrorBody.Of(call.Request, plan.Filter.MaxBodyBytes);
        _copy = MirrorRequest.Clone(call.Request);
        call.RemoveDemands(_copy);
        if (grpcKey is not null)
        {
            _copy.SetMeshHashKey(grpcKey);
        }
    }

    /// <summary>Takes a copy of a call's request, as the rule's filters made it, and sends it as soon as its body is known.</summary>
    /// <param name="grpcKey">The hash key that was taken off a gRPC request.</param>
    public static Mirror Start(MeshCall call, MirrorPlan plan, string? grpcKey)
    {
        var mirror = new Mirror(call, plan, grpcKey);
        _ = Task.Run(mirror.RunAsync);
        return mirror;
    }

    /// <summary>Has the content copied while it is sent. When it is what it will be sent as.</summary>
    public void Attach(HttpRequestMessage request) => _body.Attach(request);

    /// <summary>The call is over.</summary>
    public void Detach(HttpRequestMessage request) => _body.Detach(request);

    private async Task RunAsync()
    {
        MirrorOutcome outcome = MirrorOutcome.Failed;
        try
        {
            outcome = await _body.Result.ConfigureAwait(false) is var copied && copied is not MirrorResult.Ready
                ? copied is MirrorResult.TooLong ? MirrorOutcome.TooLong : MirrorOutcome.NoBody
                : _target.Mirrors.TryEnter()
                ? await SendAsync().ConfigureAwait(false)
                : MirrorOutcome.TooMany;
        }
        catch (Exception)
        {
            // Its service's own metrics and logs tell why.
        }
        finally
        {
            _copy.Dispose();
        }

        _target.Metrics.Mirrored(_target.Name.Authority, outcome);
    }

    private async Task<MirrorOutcome> SendAsync()
    {
        try
        {
            _copy.Content = _body.ToContent();
            if (!_target.TryEnter())
            {
                return MirrorOutcome.Failed;
            }

            using var limit = new CancellationTokenSource(Limit, _target.Time);
            var call = new MeshCall(_target, _target.Snapshot, _copy, GrpcRequest.Is(_copy), waitingSince: 0).AsCopy();
            try
            {
                call.StartMirrorTrace(_original);
                await call.RunOnceAsync(limit.Token).ConfigureAwait(false);
                return call.Outcome.Kind is AttemptResult.Success ? MirrorOutcome.Success : MirrorOutcome.Failed;
            }
            finally
            {
                call.Abort();
                call.Restore();
            }
        }
        finally
        {
            _target.Mirrors.Exit();
        }
    }
}

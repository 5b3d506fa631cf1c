using Mesh.Client.Balancing;
using Mesh.Client.Grpc;
using Mesh.Client.Resilience;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>The caller's request: what it says to the mesh, and what is changed on it while it is under way.</summary>
internal sealed partial class MeshCall
{
    private bool _isGrpcRetry;

    /// <summary>Whether the content is sent, as far as a bare handler would have waited for that.</summary>
    public bool IsSent => Content.IsSent;

    private ContentSwap Content => _history?.Content ?? ContentSwap.Nothing;

    /// <summary>Checks that the call may be made at all, and readies its content for being sent, perhaps more than once.</summary>
    /// <exception cref="Exception">A <see cref="MeshException"/> or its gRPC form: it may not.</exception>
    public void Prepare()
    {
        // ClientWebSocket leaves its scheme in place.
        if (request.RequestUri!.Scheme is not ("http" or "ws"))
        {
            throw CallErrors.NotSecured(this);
        }

        // gRPC's own retry policy above us spends from the same budget.
        _isGrpcRetry = isGrpc && GrpcRequest.PreviousAttempts(request) > 0;
        if (_isGrpcRetry && !service.Budget.TryWithdraw(service.Now))
        {
            service.Metrics.Retry(service.Name.Authority, RetryResult.DeniedBudget);
            throw CallErrors.BudgetSpent(this);
        }

        _wantsInfo = isGrpc && GrpcRequest.TakeInfoWanted(request);
        string? grpcKey = isGrpc ? GrpcRequest.TakeHashKey(request) : null;
        if (grpcKey is not null)
        {
            (_history ??= new CallHistory()).GrpcKey = grpcKey;
        }

        if ((grpcKey ?? MeshHttpMessageExtensions.HashKeyOf(request)) is { } key)
        {
            _hash = RequestHash.Of(key);
            _hasKey = true;
        }

        ContentSwap content = ContentSwap.Apply(request, _snapshot.Retry.Rules.AnyRetry);
        if (content != ContentSwap.Nothing)
        {
            (_history ??= new CallHistory()).Content = content;
        }
    }

    /// <summary>Completes when the content is sent, where a bare handler would have waited for that.</summary>
    public ValueTask WhenSentAsync(CancellationToken cancellationToken) => Content.WhenSentAsync(cancellationToken);

    /// <summary>Gives the caller its request back as it was.</summary>
    public void Restore()
    {
        Content.Restore();
        if (_history?.GrpcKey is not null || _wantsInfo)
        {
            GrpcRequest.GiveBack(request, _history?.GrpcKey, _wantsInfo);
        }
    }
}

using Mesh.Client.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Decides who may call, and refuses.</summary>
internal sealed class PeerAuthorizer(
    InboundPolicy inbound,
    CredentialStore credentials,
    OwnTrustDomain cluster,
    AuthorizationMetrics metrics,
    RefusalLog log,
    InboundPeers peers)
{
    /// <summary>What logs and metrics call an endpoint's own rule.</summary>
    public const string OwnRule = "endpoint";

    /// <summary>What they call a policy of the application that asks for an identity.</summary>
    public const string ApplicationPolicy = "application";

    private volatile bool _hasRules;

    /// <summary>Some endpoint has a rule of its own.</summary>
    public bool HasRules
    {
        get => _hasRules;
        set => _hasRules = value;
    }

    /// <summary>
    /// The policy where an endpoint says nothing itself. Under Strict a peer without identity is refused at the least: it came where the
    /// mesh does not stand in front, as at an HTTPS endpoint of the application's own.
    /// </summary>
    public MeshInboundPolicy DefaultFor(IMeshPeerFeature? peer) =>
        credentials.Mode is MeshIdentityMode.Strict
        && peer?.Identity is null
        && inbound.Current is (MeshInboundPolicy.AllUnauthenticated or MeshInboundPolicy.Audit)
            ? MeshInboundPolicy.AllAuthenticated
            : inbound.Current;

    public bool Allows(MeshInboundPolicy policy, IMeshPeerFeature? peer) => policy switch
    {
        MeshInboundPolicy.AllUnauthenticated => true,
        MeshInboundPolicy.AllAuthenticated => peer?.Identity is not null,
        MeshInboundPolicy.ClusterAuthenticated => cluster.Contains(peer),
        // Audit passes what this refuses.
        _ => false,
    };

    public Task RefuseAsync(HttpContext context, Endpoint? endpoint, string policy)
    {
        bool hasIdentity = Note(context, endpoint, policy, audited: false);
        peers.Refused(context.Features.Get<IMeshPeerFeature>()?.Identity);
        return RefusalResponse.WriteAsync(context, hasIdentity);
    }

    /// <summary>Counts and logs a call that passes all the same.</summary>
    public void Audit(HttpContext context, Endpoint? endpoint) =>
        Note(context, endpoint, InboundPolicyNames.Of(MeshInboundPolicy.Audit), audited: true);

    private bool Note(HttpContext context, Endpoint? endpoint, string policy, bool audited)
    {
        string? identity = context.Features.Get<IMeshPeerFeature>()?.Identity;
        metrics.Refused(policy, identity is not null, audited);
        InboundTrace.WriteVerdict(context, policy, audited ? "audited" : "refused");
        if (metrics.CountsRequests)
        {
            context.Features.Set(new InboundVerdict(policy, audited));
        }

        // No path: it may hold what no log should, and there is no end of them.
        string what = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint?.DisplayName ?? "(no endpoint)";
        string who = identity ?? context.Connection.RemoteIpAddress?.ToString() ?? "(unknown address)";
        log.Refused(who, context.Request.Method, what, policy, audited);
        return identity is not null;
    }
}

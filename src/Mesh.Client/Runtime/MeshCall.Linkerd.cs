using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>What requests say to Linkerd, and how its proxies want them.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Who must answer; null: whoever does.</summary>
    public RequiredIdentity? RequiredIdentity => _history?.Demands?.Identity;

    /// <summary>
    /// Whether what the call is decided by is still to come: a source may tell of a service's endpoints and of its policy at once. What
    /// configuration says of routes is known already.
    /// </summary>
    public bool IsUndecided => service.Services.Endpoints.TellsPolicies && _snapshot is { Answered: false, Routes: null };

    /// <summary>The state that the call is decided by is this one. Before anything else is asked of it.</summary>
    public void Decide(ServiceSnapshot by) => _snapshot = by;

    /// <summary>Takes in what the request's own headers ask for, once its route is known.</summary>
    public void TakeDemands()
    {
        bool allowed = Route?.Policy.AllowRequestHeaders == true;
        if (RequestDemands.Read(request, Retry, Timeouts, allowed, service.Time) is { } demands)
        {
            (_history ??= new CallHistory()).Demands = demands;
        }
    }

    /// <summary>Takes off a copy what was for the mesh alone.</summary>
    public void RemoveDemands(HttpRequestMessage copy) => _history?.Demands?.TakeOff(copy);

    private HttpRequestMessage ToSend(EndpointTransport transport)
    {
        bool upgrade = service.Services.Linkerd.UpgradesHttp1 && MeshedRequest.IsUpgraded(request, transport);
        RequestDemands? demands = _history?.Demands;
        return upgrade || demands is not null || transport.AuthorityOverride is not null
            ? MeshedRequest.Of(request, transport, upgrade, demands)
            : request;
    }
}

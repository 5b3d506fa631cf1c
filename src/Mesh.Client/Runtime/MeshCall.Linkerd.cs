using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>What requests say to Linkerd, and how its proxies want them.</summary>
internal sealed partial class MeshCall
{
    /// <summary>Who must answer; null: whoever does.</summary>
    public RequiredIdentity? RequiredIdentity => _history?.Demands?.Identity;

    /// <summary>Takes in what the request's own headers ask for, once its route is known.</summary>
    public void TakeDemands()
    {
        bool allowed = Route?.Policy.AllowRequestHeaders == true;
        if (RequestDemands.Read(request, Retry, Timeouts, allowed, service.Time) is { } demands)
        {
            (_history ??= new CallHistory()).Demands = demands;
        }
    }

    private HttpRequestMessage ToSend(EndpointTransport transport)
    {
        bool upgrade = service.Services.Linkerd.UpgradesHttp1 && MeshedRequest.IsUpgraded(request, transport);
        RequestDemands? demands = _history?.Demands;
        return upgrade || demands is not null || transport.AuthorityOverride is not null
            ? MeshedRequest.Of(request, transport, upgrade, demands)
            : request;
    }
}

using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Counts requests by peer, those that are refused included.</summary>
internal sealed class InboundPeersMiddleware(RequestDelegate next, InboundPeers peers)
{
    public Task InvokeAsync(HttpContext context) => peers.IsEnabled ? CountAsync(context) : next(context);

    private async Task CountAsync(HttpContext context)
    {
        peers.Began(context.Features.Get<IMeshPeerFeature>()?.Identity);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            peers.Ended();
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// The outermost middleware: the scheme of a request is its connection's, and where the connection is to end, the answer says so.
/// </summary>
internal sealed class ServerRequests(IHostApplicationLifetime lifetime) : IStartupFilter
{
    private readonly CancellationToken _stopping = lifetime.ApplicationStopping;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => context =>
        {
            Prepare(context);
            return following(context);
        });
        next(app);
    };

    private void Prepare(HttpContext context)
    {
        // Null where the server is not Kestrel.
        if (context.Features.Get<IMeshPeerFeature>() is not { } peer)
        {
            return;
        }

        context.Request.Scheme = peer.IsTls ? "https" : "http";
        // HTTP/2 has GOAWAY, which Kestrel sends.
        if ((_stopping.IsCancellationRequested || peer is ServerConnection { IsClosing: true })
            && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }
}

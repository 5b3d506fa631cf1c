using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// The outermost middleware: the scheme of a request is its connection's, and where the connection is to end, the answer says so.
/// </summary>
internal sealed class ServerRequests : IStartupFilter
{
    private readonly CancellationToken _stopping;
    private readonly Func<object, Task> _onStarting;

    public ServerRequests(IHostApplicationLifetime lifetime)
    {
        _stopping = lifetime.ApplicationStopping;
        _onStarting = Starting;
    }

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
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(_onStarting, context);
        }
    }

    // As late as can be: what was asked for before the end began may be answered after.
    private Task Starting(object state)
    {
        var context = (HttpContext)state;
        bool ends = _stopping.IsCancellationRequested || context.Features.Get<IMeshPeerFeature>() is ServerConnection { IsClosing: true };
        if (ends && context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }
}

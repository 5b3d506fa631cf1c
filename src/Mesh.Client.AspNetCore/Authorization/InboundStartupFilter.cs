using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Puts the mesh's decision before everything of the application.</summary>
internal sealed class InboundStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<InboundPeersMiddleware>();
        app.UseMiddleware<InboundMiddleware>(app.New());
        next(app);
    };
}

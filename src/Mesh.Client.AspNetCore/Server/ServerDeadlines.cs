using Mesh.Client.Grpc;
using Mesh.Client.Resilience.Timeouts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// Takes over the deadline that a request comes with: <c>grpc-timeout</c> for gRPC, else the header of the options. It ends no request; the
/// calls that the application makes for it do end by then.
/// </summary>
internal sealed class ServerDeadlines(IOptionsMonitor<MeshServerOptions> options, TimeProvider time) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => context => Read(context.Request) is { } left ? InvokeAsync(following, context, left) : following(context));
        next(app);
    };

    private async Task InvokeAsync(RequestDelegate following, HttpContext context, TimeSpan left)
    {
        using (MeshDeadline.Begin(left, time))
        {
            await following(context).ConfigureAwait(false);
        }
    }

    private TimeSpan? Read(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            string? text = request.Headers[GrpcTimeout.Header];
            return GrpcTimeout.TryParse(text, out TimeSpan left) ? left : null;
        }

        return options.CurrentValue.DeadlineHeader is { } name ? DeadlineHeader.ReadMilliseconds(request.Headers[name].ToString()) : null;
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>The anchors for download. They are no secret; who takes them over plaintext trusts the network for once.</summary>
internal static class TrustBundleEndpoint
{
    public const string Path = "/mesh/trust-bundle.pem";

    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, GetAsync).WithDisplayName("Mesh trust bundle");

    private static Task GetAsync(HttpContext context)
    {
        if (context.RequestServices.GetRequiredService<MeshAuthority>().TrustBundlePem is not { } pem)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/x-pem-file";
        return context.Response.WriteAsync(pem, context.RequestAborted);
    }
}

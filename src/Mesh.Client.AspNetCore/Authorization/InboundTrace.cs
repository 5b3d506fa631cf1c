using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>What the mesh adds to ASP.NET Core's own span of a request.</summary>
internal static class InboundTrace
{
    /// <summary>Who sent it: only what its certificate says.</summary>
    public static void WriteIdentity(HttpContext context, string identity) => Of(context)?.SetTag("mesh.peer.identity", identity);

    /// <param name="context">Of the request.</param>
    /// <param name="policy">What refuses it.</param>
    /// <param name="verdict">What the metrics call it.</param>
    public static void WriteVerdict(HttpContext context, string policy, string verdict)
    {
        if (Of(context) is { } activity)
        {
            activity.SetTag("mesh.verdict", verdict);
            activity.SetTag("mesh.policy", policy);
        }
    }

    private static Activity? Of(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity ? activity : null;
}

using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>Where a caller is, as far as its connection tells.</summary>
internal static class ClientAddress
{
    public static string Of(ConnectionInfo connection) => connection.RemoteIpAddress switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { } address => address.ToString(),
    };

    /// <summary>Who is taken for one client: a verified identity, however many processes have it; without one an address.</summary>
    public static string ClientOf(ServerCallContext context)
    {
        HttpContext http = context.GetHttpContext();
        return http.Features.Get<IMeshPeerFeature>()?.Identity ?? Of(http.Connection);
    }
}

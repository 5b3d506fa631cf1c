using Mesh.Client.AspNetCore;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Quickstart;

/// <summary>What a server sees of the connection that a request came over.</summary>
/// <param name="Caller">Who calls, by its verified certificate.</param>
/// <param name="CallerLeaf">The serial number of the caller's certificate.</param>
/// <param name="InstanceLeaf">The serial number of our own.</param>
internal sealed record Seen(string Caller, string CallerLeaf, string InstanceLeaf)
{
    public static Seen By(HttpContext context) => new(
        context.Features.Get<IMeshPeerFeature>()?.Identity ?? "nobody",
        context.Connection.ClientCertificate?.SerialNumber ?? "",
        context.Features.Get<ISslStreamFeature>()?.SslStream.LocalCertificate?.GetSerialNumberString() ?? "");
}

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// Puts the mesh in front of every endpoint of Kestrel. Before the application's own configuration, which may listen at once, and again
/// after it: of several endpoint defaults Kestrel keeps the last, and without ours an endpoint would be open to everybody.
/// </summary>
internal sealed class ServerKestrel(ServerFraming framing, ServerHttps https)
    : IConfigureOptions<KestrelServerOptions>, IPostConfigureOptions<KestrelServerOptions>
{
    /// <summary>False where another server serves, such as the one of tests.</summary>
    public bool IsUsed { get; private set; }

    public void Configure(KestrelServerOptions options)
    {
        IsUsed = true;
        options.ConfigureEndpointDefaults(framing.Add);
        options.ConfigureHttpsDefaults(https.Configure);
    }

    public void PostConfigure(string? name, KestrelServerOptions options)
    {
        options.ConfigureEndpointDefaults(framing.Add);
        // Callers in the mesh say http:// on TLS; the scheme of a request is the connection's, whatever it says.
        options.AllowAlternateSchemes = true;
    }
}

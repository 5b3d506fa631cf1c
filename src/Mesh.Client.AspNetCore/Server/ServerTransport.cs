using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>What Kestrel needs to speak the mesh's framings.</summary>
internal static class ServerTransport
{
    public static void Add(IServiceCollection services) => ArgumentNullException.ThrowIfNull(services);
}

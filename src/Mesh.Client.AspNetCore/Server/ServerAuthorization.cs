using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>What decides who may call.</summary>
internal static class ServerAuthorization
{
    /// <param name="section">The section <c>Mesh:Server</c>.</param>
    public static void Add(IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
    }
}

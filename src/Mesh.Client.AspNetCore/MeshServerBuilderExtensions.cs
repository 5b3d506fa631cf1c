using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes an application a server of the mesh.</summary>
public static class MeshServerBuilderExtensions
{
    /// <summary>
    /// Kestrel serves with the workload's certificate, asks for the peer's and verifies it; who may call is decided by the peer's
    /// identity; connections drain at shutdown.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="section">The configuration section, shared with <c>AddMeshClient</c>. Default <c>Mesh</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddMeshServer(this IHostApplicationBuilder builder, string section = "Mesh")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(section);
        IConfigurationSection mesh = builder.Configuration.GetSection(section);
        MeshClientServices.AddConfiguration(builder.Services);
        MeshClientServices.Configure(builder.Services, mesh);
        ServerTransport.Add(builder.Services);
        ServerAuthorization.Add(builder.Services, mesh.GetSection("Server"));
        return builder;
    }
}

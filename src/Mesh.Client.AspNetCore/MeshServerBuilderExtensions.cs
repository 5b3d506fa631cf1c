using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes an application a server of the mesh.</summary>
public static class MeshServerBuilderExtensions
{
    /// <summary>
    /// Kestrel serves with the workload's certificate, asks for the peer's and verifies it; who may call is decided by the peer's
    /// identity; connections drain at shutdown. With <c>Server:Service</c> and <c>ControlPlane:Address</c> in the section it registers
    /// as an instance of that service once it listens, and leaves before it stops listening.
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
        RegistrationServices.Add(builder.Services);
        ServerAuthorization.Add(builder.Services, mesh.GetSection("Server"));
        return builder;
    }
}

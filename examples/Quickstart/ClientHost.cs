using Quickstart.Protocol;

namespace Quickstart;

/// <summary>What a team writes in its own Program.cs.</summary>
internal static class ClientHost
{
    /// <param name="builder">The application.</param>
    /// <param name="controlPlane">Where endpoints and certificates come from.</param>
    /// <param name="identity">Who the client is.</param>
    public static void Configure(IHostApplicationBuilder builder, ControlPlane controlPlane, string identity)
    {
        // Usually in appsettings.json.
        builder.Configuration.AddInMemoryCollection(Identities.Settings(identity, controlPlane.Address, controlPlane.Folder));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Identity:Mode"] = "Strict",
            ["Mesh:Services:catalog:LoadBalancing:Policy"] = "Maglev",
            ["Mesh:Services:catalog:LoadBalancing:EndpointKey"] = "HashKey",
            ["Mesh:Services:catalog:LoadBalancing:HashOn:0:Header"] = "x-user-id",
            ["Mesh:Services:catalog:Ports:80:Retry:MaxRetries"] = "2",

            // Port 81 is gRPC, where every call is a POST. These only read, so a broken connection may be tried again.
            ["Mesh:Services:catalog:Ports:81:Retry:MaxRetries"] = "2",
            ["Mesh:Services:catalog:Ports:81:Retry:Methods:0"] = "POST",
        });

        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient<CatalogClient>(client => client.BaseAddress = new("http://catalog")).UseMesh();
        builder.Services.AddGrpcClient<Catalog.CatalogClient>(options => options.Address = new("http://catalog:81")).UseMesh();
    }
}

using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.TestNode;

/// <summary>An embedded control plane that serves a JSON file.</summary>
internal static class ControlPlaneNode
{
    public static async Task<int> RunAsync(string settings, IPAddress address, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddJsonFile(settings, optional: false, reloadOnChange: true);
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http2));
        await using WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync();
        await Node.RunUntilParentEndsAsync(app);
        return 0;
    }
}

using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.TestNode;

/// <summary>A server that writes down what it executes, before it answers.</summary>
internal static class ServerNode
{
    public static async Task<int> RunAsync(string name, string journalPath, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        await using WebApplication app = builder.Build();
        await using var journal = new Journal(journalPath);
        app.MapGet("/who", () => name);
        app.MapMethods("/execute/{id}", ["POST", "PUT", "PATCH", "DELETE"], (string id) =>
        {
            journal.Write(id);
            return name;
        });
        app.MapMethods("/execute-and-close/{id}", ["POST", "PUT", "PATCH", "DELETE"], (string id, HttpContext context) =>
        {
            journal.Write(id);
            context.Abort();
        });
        await app.StartAsync();
        await Node.RunUntilParentEndsAsync(app);
        return 0;
    }
}

using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.TestNode;

/// <summary>
/// A server that writes down what it executes: the journal outlives a SIGKILL, since each line is in the kernel before the answer.
/// </summary>
internal static class ServerNode
{
    public static async Task<int> RunAsync(string name, string journalPath, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        await using WebApplication app = builder.Build();
        await using var journal = new FileStream(journalPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var turn = new Lock();

        void Write(string id)
        {
            lock (turn)
            {
                journal.Write(System.Text.Encoding.UTF8.GetBytes(id + "\n"));
            }
        }

        app.MapGet("/who", () => name);
        app.MapMethods("/execute/{id}", ["POST", "PUT", "PATCH", "DELETE"], (string id) =>
        {
            Write(id);
            return name;
        });
        app.MapMethods("/execute-and-close/{id}", ["POST", "PUT", "PATCH", "DELETE"], (string id, HttpContext context) =>
        {
            Write(id);
            context.Abort();
        });
        await app.StartAsync();
        await Node.RunUntilParentEndsAsync(app);
        return 0;
    }
}

using System.Net;

namespace Mesh.Client.TestNode;

/// <summary>An instance of <c>catalog</c> that registers itself and answers <c>/who</c> with its name.</summary>
internal static class RegisteredNode
{
    public static async Task<int> RunAsync(string name, int controlPlane)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:ControlPlane:Address"] = $"http://127.0.0.1:{controlPlane}",
            ["Mesh:Server:Service"] = "catalog",
            ["Mesh:Server:Instance"] = name,
        });
        builder.AddMeshServer();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        app.MapGet("/who", () => name);
        await app.StartAsync();
        await Node.RunUntilParentEndsAsync(app);
        return 0;
    }
}

namespace Mesh.Client.TestNode;

internal static class Node
{
    /// <summary>Tells the parent the port, and ends when the parent closes our standard input, by ending itself if need be.</summary>
    public static async Task RunUntilParentEndsAsync(WebApplication app)
    {
        Console.WriteLine($"ready {new Uri(app.Urls.First()).Port}");
        await Console.In.ReadLineAsync();
        await app.StopAsync();
    }
}

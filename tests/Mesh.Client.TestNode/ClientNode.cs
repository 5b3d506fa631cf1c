namespace Mesh.Client.TestNode;

/// <summary>Calls a service once for each key that comes in on standard input, and prints who answered.</summary>
internal static class ClientNode
{
    public static async Task<int> RunAsync(string settings, string host)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddJsonFile(settings, optional: false);
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient("test", client => client.BaseAddress = new Uri($"http://{host}")).UseMesh();
        using IHost app = builder.Build();
        await app.StartAsync();
        HttpClient http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        while (await Console.In.ReadLineAsync() is { Length: > 0 } key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
            request.SetMeshHashKey(key);
            using HttpResponseMessage response = await http.SendAsync(request);
            Console.WriteLine(await response.Content.ReadAsStringAsync());
        }

        return 0;
    }
}

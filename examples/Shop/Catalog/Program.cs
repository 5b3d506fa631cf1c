using Shop;

// What there is to buy, and what others think of it. Only the front end may ask.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.AddMeshServer();
builder.Services.AddMeshClient();
builder.Services.AddHttpClient("reviews", client => client.BaseAddress = new("http://reviews")).UseMesh();

string web = builder.Configuration["Shop:Web"] ?? "web.shop.serviceaccount.identity.mesh.cluster.local";
WebApplication app = builder.Build();
app.MapHealthChecks("/ready", Readiness.WithCertificate).AllowUnauthenticatedPeers();
app.MapGet("/items/{item}", async (string item, IHttpClientFactory clients, CancellationToken cancellationToken) =>
{
    using HttpResponseMessage response = await clients.CreateClient("reviews")
        .GetAsync(new Uri($"/reviews/{Uri.EscapeDataString(item)}", UriKind.Relative), cancellationToken);
    string reviews = response.IsSuccessStatusCode
        ? await response.Content.ReadAsStringAsync(cancellationToken)
        : $"no reviews: {(int)response.StatusCode}";
    return $"{item} from {Environment.MachineName}; {reviews}\n";
}).RequireMeshIdentity(web);
app.Run();

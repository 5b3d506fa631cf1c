using Shared;

// The shop's front end: plain HTTP for people, and the mesh behind it. No address of the mesh is written anywhere: the injector says it.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddMeshClient();
builder.Services.AddHttpClient("catalog", client => client.BaseAddress = new("http://catalog")).UseMesh();
builder.Services.AddHealthChecks().AddMeshClient();
PortForward.Add(builder.Services);

WebApplication app = builder.Build();
app.MapHealthChecks("/ready");
app.MapGet("/items/{item}", async (string item, string? user, IHttpClientFactory clients, CancellationToken cancellationToken) =>
{
    // The catalog's Service says that calls are hashed by this header: a user keeps the instance that knows him.
    using var request = new HttpRequestMessage(HttpMethod.Get, $"/items/{Uri.EscapeDataString(item)}");
    request.Headers.Add("x-user", user ?? "anonymous");
    using HttpResponseMessage response = await clients.CreateClient("catalog").SendAsync(request, cancellationToken);
    string answer = await response.Content.ReadAsStringAsync(cancellationToken);
    return Results.Text(answer, statusCode: (int)response.StatusCode);
});
app.MapMeshStatus(authorizationPolicy: PortForward.Policy);
app.Run();

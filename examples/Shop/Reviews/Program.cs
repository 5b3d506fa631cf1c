using Shop;

// What others think. Two versions run side by side; an HTTPRoute says how much of the traffic the new one gets.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.AddMeshServer();

string catalog = builder.Configuration["Shop:Catalog"] ?? "catalog.shop.serviceaccount.identity.mesh.cluster.local";
string version = builder.Configuration["Shop:Version"] ?? "v1";
WebApplication app = builder.Build();
app.MapHealthChecks("/ready", Readiness.WithCertificate).AllowUnauthenticatedPeers();
app.MapGet("/reviews/{item}", (string item) => $"reviews {version}: {item} is {(version == "v1" ? "good" : "very good")}")
    .RequireMeshIdentity(catalog);
app.Run();

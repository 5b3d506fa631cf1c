using Mesh.Client;
using OpenTelemetry.Metrics;
using Shared;

// The mesh's control plane in a cluster. What it is told is in appsettings.json; every replica does all of it.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
IConfigurationSection mesh = builder.Configuration.GetSection("Mesh");

// Where its answers come from: Services, EndpointSlices and routes of the cluster, and instances that register themselves.
builder.Services.AddMeshClient(mesh).AddKubernetes();
builder.Services.AddMeshControlPlane(mesh);

// Who signs: an issuer in a Secret, for service accounts whose tokens the API server vouches for.
builder.Services.AddKubernetesAuthority();

builder.AddMeshServer();
builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel
    .Configure(context.Configuration.GetSection("Kestrel"))
    .Endpoint("Webhook", endpoint => endpoint.ListenOptions.UseMeshInjectorCertificate()));
PortForward.Add(builder.Services);
builder.Services.AddHealthChecks().AddMeshClient();
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeshClientInstrumentation().AddPrometheusExporter());

WebApplication app = builder.Build();
app.MapMeshControlPlane().RequireMeshIdentity();
app.MapMeshInjector();
app.MapMeshStatus(authorizationPolicy: PortForward.Policy);
app.MapPrometheusScrapingEndpoint().AllowUnauthenticatedPeers();
app.MapGet("/live", () => "alive\n").AllowUnauthenticatedPeers();
app.MapHealthChecks("/ready").AllowUnauthenticatedPeers();
app.Run();

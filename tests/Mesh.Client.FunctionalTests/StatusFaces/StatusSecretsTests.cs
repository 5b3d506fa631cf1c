using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Telemetry;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>Secrets are planted wherever one could stand, and no face shows any.</summary>
public sealed class StatusSecretsTests : IDisposable
{
    private const string Planted = "pl4nted";

    private readonly TestCa _ca = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AllFaces_OfAMeshFullOfSecrets_ShowNone()
    {
        Credential own = _ca.Issue(["web.shop.serviceaccount.identity.linkerd.cluster.local"]);
        string key = TestCa.KeyPem(own);
        using var dead = new DeadPort();
        await using Backend bad = await Backend.StartAsync(500, $"body {Planted}");
        await using StatusApp app = await StatusApp.StartAsync(
            [
                ("Identity:Source", "Files"),
                ("Identity:CertificateFile", _folder.Write("tls.crt", TestCa.ChainPem(own))),
                ("Identity:PrivateKeyFile", _folder.Write("tls.key", key)),
                ("Identity:TrustBundle", _folder.Write("ca.crt", _ca.Root.ExportCertificatePem())),
                ("Server:Labels:db-password", $"{Planted}-label"),
                ("Server:Labels:hook", $"/hook?{Planted}-hook"),
                ("Telemetry:LinkerdNames", "true"),
                ("Registry:Token", $"{Planted}-registration"),
                ("Xds:Address", $"http://user:{Planted}-userinfo@127.0.0.1/?token={Planted}-query"),
                ("Services:catalog:LoadBalancing:Policy", "Maglev"),
                ("Services:catalog:LoadBalancing:HashOn:0:Header", "x-session"),
                ("Services:catalog:Endpoints:0:Address", bad.Address),
                ("Services:catalog:Endpoints:0:Labels:api-key", $"{Planted}-endpoint"),
                ("Services:catalog:Endpoints:0:Labels:deployment", "catalog-blue"),
                ("Services:catalog:Endpoints:0:Labels:store", $"Server=db;Password={Planted}-store"),
                ("Services:catalog:Endpoints:1:Address", $"127.0.0.1:{dead.Port}"),
                ("Services:catalog:Routes:0:Name", "items"),
                ("Services:catalog:Routes:0:Filters:0:RequestHeaders:Set:x-upstream-auth", $"{Planted}-filter"),
                ("Services:catalog:Routes:0:Matches:0:Headers:0:Name", "x-api"),
                ("Services:catalog:Routes:0:Matches:0:Headers:0:Value", $"{Planted}-match"),
            ],
            configure: builder =>
            {
                builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:Main", $"Password={Planted}-app")]);
                builder.Services.Configure<MeshClientOptions>(options => PlantInCode(options, dead.Port));
                builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"))
                    .AddControlPlane(new Uri($"http://user:{Planted}-plane@127.0.0.1:{dead.Port}"));
            });
        using var measured = new LinkerdRecorder(app.Services);
        await app.KnownAsync();
        using HttpClient mesh = app.Mesh();
        for (int i = 0; i < 4; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/items?api={Planted}-request-query");
            request.Headers.Add("Authorization", $"Bearer {Planted}-bearer");
            request.Headers.Add("x-session", $"{Planted}-session-{i}");
            request.Headers.Add("x-api", $"{Planted}-match");
            using HttpResponseMessage response = await mesh.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        // What the application's own content throws may say anything.
        using (var content = new StreamContent(new FailingStream($"{Planted}-content")))
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/items") { Content = content })
        {
            request.Headers.Add("x-api", $"{Planted}-match");
            await Assert.ThrowsAnyAsync<Exception>(() => mesh.SendAsync(request, Stop));
        }

        // The service of code: nothing listens there.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.GetAsync($"http://told/?q={Planted}-told", Stop));
        await app.KnownAsync("told");

        // Nobody knows it here: the control plane is asked, and is not there.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.GetAsync($"http://orders/?q={Planted}-orders", Stop));

        string all = await app.TextAsync("/mesh?format=text") + await app.TextAsync("/mesh?format=json")
            + await app.TextAsync("/mesh?format=html") + await app.TextAsync("/mesh/services/catalog?format=text")
            + await app.TextAsync("/mesh/services/catalog?format=json") + await app.TextAsync("/mesh/services/orders?format=json")
            + await EventAsync(app, "/mesh/events") + await EventAsync(app, "/mesh/services/catalog/events") + measured.Text();
        string told = await app.TextAsync("/mesh/services/told?format=text") + await app.TextAsync("/mesh/services/told?format=json")
            + await app.TextAsync("/mesh/services/told?format=html") + await EventAsync(app, "/mesh/services/told/events");
        all += told;

        // The test looks where the secrets would be.
        Assert.Contains("\"path\":\"/items\"", all, StringComparison.Ordinal);
        Assert.Contains("Mesh:Server:Labels:db-password", all, StringComparison.Ordinal);
        Assert.Contains("api-key", all, StringComparison.Ordinal);
        Assert.Contains("Mesh:ControlPlane:Address", all, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:told:Filters:0:RequestHeaders:Set:x-code", all, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:told:Routes:0:Match:Headers:0:Value", all, StringComparison.Ordinal);
        foreach (string label in (string[])["api-key", "store", "callback", "relay", "hook", "link"])
        {
            Assert.Contains($"\"{label}\":", told, StringComparison.Ordinal);
        }

        Assert.Contains("label api-key", told, StringComparison.Ordinal);
        Assert.Contains("path to /moved", told, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:told:Routes:2:Filters:0:Redirect:Path", all, StringComparison.Ordinal);
        Assert.Contains("Mesh:Server:Labels:hook", all, StringComparison.Ordinal);
        Assert.Contains("set x-upstream-auth", all, StringComparison.Ordinal);
        Assert.Contains("header x-api", all, StringComparison.Ordinal);
        Assert.Contains(_folder.File("tls.crt"), all.Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("web.shop.serviceaccount", all, StringComparison.Ordinal);
        Assert.Contains("response_total [direction, outbound]", all, StringComparison.Ordinal);
        Assert.Contains("[dst_deployment, catalog-blue]", all, StringComparison.Ordinal);
        Assert.Contains("control plane http://", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("-----BEGIN", all, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], all, StringComparison.Ordinal);
    }

    // What only code can say, and what it says in place of configuration.
    private static void PlantInCode(MeshClientOptions options, int port)
    {
        options.ControlPlane.Address = new Uri($"http://user:{Planted}-code@127.0.0.1:{port}/?a={Planted}-code-query");
        var headers = new MeshHeaderChangeOptions();
        headers.Set["x-code"] = $"{Planted}-code-header";
        var header = new MeshNamedMatchOptions { Name = "x-code", Value = $"{Planted}-code-match" };
        var match = new MeshRouteMatchOptions { Headers = [header] };
        options.Services["told"] = new MeshServiceOptions
        {
            Filters = [new MeshFilterOptions { RequestHeaders = headers }],
            Routes =
            [
                new MeshRouteOptions { Name = "told", Match = match },
                Moved("/moved", "/old"),
                Moved($"/moved;sig={Planted}-code-signature", "/older"),
            ],
            LoadBalancing = new LoadBalancingOptions
            {
                Policy = "Maglev",
                HashOn = [new HashOnOptions { Header = "x-session" }],
                EndpointKey = MeshEndpointKey.FromLabel("api-key"),
            },
        };
        var endpoint = new MeshEndpointOptions { Address = $"127.0.0.1:{port}" };
        endpoint.Labels["api-key"] = $"{Planted}-code-label";
        endpoint.Labels["store"] = $"Server=db;Password={Planted}-code-store";
        endpoint.Labels["callback"] = $"http://user:{Planted}-code-userinfo@callback/?sig={Planted}-code-callback";
        endpoint.Labels["relay"] = $"relay;passphrase={Planted}-code-passphrase";
        endpoint.Labels["hook"] = $"/hook?{Planted}-code-hook";
        endpoint.Labels["link"] = $"link?code={Planted}-code-code";
        options.Services["told"].Endpoints = [endpoint];
    }

    private static MeshRouteOptions Moved(string to, string from) => new()
    {
        Name = from[1..],
        Match = new MeshRouteMatchOptions { Path = new MeshPathMatchOptions { Exact = from } },
        Filters = [new MeshFilterOptions { Redirect = new MeshRedirectOptions { Path = to } }],
    };

    private static async Task<string> EventAsync(StatusApp app, string path)
    {
        using HttpResponseMessage response = await app.GetAsync(path);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        await reader.ReadLineAsync(Stop);
        return (await reader.ReadLineAsync(Stop))!;
    }

    private sealed class FailingStream(string words) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new IOException(words);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Cluster;
using Mesh.Client.InteropTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.InteropTests;

/// <summary>What the control plane, by the API server's judgement, says to tokens.</summary>
[Collection(nameof(ShopCluster))]
public sealed class TokenTests(ShopCluster cluster)
{
    [Fact]
    public async Task A_token_that_is_not_made_for_it_gets_no_certificate_and_the_reason()
    {
        Transcript.Title("Tokens");
        string said = await SayAsync("right", await TokenAsync("shop", "web", "mesh.client"));
        Assert.Contains("A new credential", said, StringComparison.Ordinal);
        await RefusedAsync("another audience", await TokenAsync("shop", "web", "https://kubernetes.default.svc"), "audience");
        await RefusedAsync("another namespace's", await TokenAsync("mesh", "default", "mesh.client"), "default.mesh.");
        await RefusedAsync("another service account's", await TokenAsync("shop", "catalog", "mesh.client"), "catalog.shop.");
        string token = await TokenAsync("shop", "web", "mesh.client");
        await RefusedAsync("forged", token[..^8] + new string([.. token[^8..].Reverse()]), "the API server says");
        await RefusedAsync("garbage", "garbage", "those are JWTs");
    }

    [Fact]
    public async Task A_token_of_a_pod_that_is_gone_gets_no_certificate()
    {
        await Command.RunAsync(Setting.Kubectl, ["-n", "default", "apply", "-f", "-"], """
            apiVersion: v1
            kind: Pod
            metadata: { name: gone }
            spec: { containers: [ { name: a, image: none } ] }
            """);
        string token = await TokenAsync("default", "default", "mesh.client", "--bound-object-kind", "Pod", "--bound-object-name", "gone");
        await Command.RunAsync(Setting.Kubectl, ["-n", "default", "delete", "pod", "gone", "--force", "--grace-period=0"]);

        // An API server remembers for 10 s what it thought of a token; this one it has not seen before.
        await RefusedAsync("of a pod that is gone", token, "the API server");
    }

    [Fact]
    public async Task An_expired_token_gets_no_certificate()
    {
        string[] parts = (await TokenAsync("shop", "web", "mesh.client")).Split('.');
        JsonObject payload = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        foreach (string name in new[] { "iat", "nbf", "exp" })
        {
            payload[name] = (long)payload[name]! - 3600;
        }

        parts[1] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.ToJsonString()));
        using var key = RSA.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Setting.TokenKey, TestContext.Current.CancellationToken));
        parts[2] = Base64Url.EncodeToString(
            key.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        await RefusedAsync("expired", string.Join('.', parts), "it has expired");
    }

    private static async Task<string> TokenAsync(string ns, string account, string audience, params string[] more) =>
        (await Command.RunAsync(
            Setting.Kubectl, ["-n", ns, "create", "token", account, $"--audience={audience}", "--duration=10m", .. more])).Trim();

    private async Task RefusedAsync(string what, string token, string reason)
    {
        string said = await SayAsync(what, token);
        Assert.DoesNotContain("A new credential", said, StringComparison.Ordinal);
        Assert.Contains(reason, said, StringComparison.Ordinal);
        Assert.DoesNotContain(token, said, StringComparison.Ordinal);
    }

    /// <summary>Asks for the front end's certificate.</summary>
    /// <returns>What an application says in its log.</returns>
    private async Task<string> SayAsync(string what, string token)
    {
        using var folder = new TemporaryFolder();
        string anchors = await Command.RunAsync(
            Setting.Kubectl, ["-n", "shop", "get", "configmap", "mesh-trust-bundle", "-o", "jsonpath={.data.ca\\.crt}"]);
        using var log = new Log();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log);
        builder.Services.AddMeshClient(options =>
        {
            options.ControlPlane.Address = new Uri($"http://{cluster.Replicas.First().Address}:8086");
            options.ControlPlane.Identity = "mesh-control-plane.mesh.serviceaccount.identity.mesh.cluster.local";
            options.Identity.Source = MeshIdentitySource.ControlPlane;
            options.Identity.Name = "web.shop.serviceaccount.identity.mesh.cluster.local";
            options.Identity.TokenFile = folder.Write("token", token);
            options.Identity.TrustBundle = folder.Write("ca.crt", anchors);
        });
        using IHost host = builder.Build();
        Task starting = host.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
            log.Of("CertifyCredentialSource").Any(line => !line.StartsWith("A new trust bundle", StringComparison.Ordinal)));
        string said = string.Join('\n', log.Of("CertifyCredentialSource"));
        Transcript.Write($"{what}: {said}");
        await starting;
        await host.StopAsync(CancellationToken.None);
        return said;
    }

    private sealed class Log : ILoggerProvider
    {
        private readonly ConcurrentQueue<(string Category, string Text)> _lines = [];

        public IEnumerable<string> Of(string category) =>
            _lines.Where(line => line.Category.EndsWith(category, StringComparison.Ordinal)).Select(line => line.Text);

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

        public void Dispose()
        {
        }
    }

    private sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((category, formatter(state, exception)));
    }
}

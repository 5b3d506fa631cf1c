using System.Text;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.Setup;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.KubernetesTests.Setup;

public sealed class OptionsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_section_is_read()
    {
        await using MeshHost host = await StartAsync(
            [
                ("Kubernetes:KubeConfig", KubeConfig("a")), ("Kubernetes:Context", "other"),
                ("Kubernetes:Node", "n"), ("Kubernetes:Zone", "z"),
                ("Kubernetes:IPFamily", "ipv6"), ("Kubernetes:Pods", "false"),
                ("Kubernetes:RequireReferenceGrants", "true"),
            ]);
        MeshKubernetesOptions options = Options(host);
        Assert.Equal(("n", "z", MeshIPFamily.IPv6, false), (options.Node, options.Zone, options.IPFamily, options.Pods));
        Assert.True(options.RequireReferenceGrants);
        Assert.Equal(("http://a.other", "other-ns"), (options.Access!.Host, options.Access.Namespace));
        Assert.Equal("other-ns", host.Services.GetRequiredService<MeshConfiguration>().Current.Namespace);
    }

    [Fact]
    public async Task What_nobody_says_the_pod_knows()
    {
        await using MeshHost host = await StartAsync(
            [("Kubernetes:KubeConfig", KubeConfig("a"))], ("NODE_NAME", "node-1"), ("NODE_ZONE", "zone-a"), ("POD_NAMESPACE", "shop"));
        MeshKubernetesOptions options = Options(host);
        Assert.Equal(("node-1", "zone-a"), (options.Node, options.Zone));
        Assert.Equal("shop", host.Services.GetRequiredService<MeshConfiguration>().Current.Namespace);
    }

    [Fact]
    public async Task A_namespace_that_is_said_holds()
    {
        await using MeshHost host = await StartAsync([("Kubernetes:KubeConfig", KubeConfig("a")), ("Namespace", "mine")]);
        Assert.Equal("mine", host.Services.GetRequiredService<MeshConfiguration>().Current.Namespace);
    }

    [Fact]
    public async Task Of_several_kubeconfigs_the_one_that_knows_the_context_holds()
    {
        string files = string.Join(Path.PathSeparator, KubeConfig("a"), KubeConfig("b", "third"));
        await using MeshHost host = await StartAsync([("Kubernetes:Context", "third")], ("KUBECONFIG", files));
        Assert.Equal("http://b.third", Options(host).Access!.Host);
    }

    [Theory]
    [InlineData("ca.crt", true)]
    [InlineData("keys/ca.crt", true)]
    [InlineData(null, false)]
    public async Task Authorities_of_a_kubeconfig_that_are_a_file_are_known_by_its_path(string? path, bool isFile)
    {
        string authority = new TestCa().Root.ExportCertificatePem();
        string said = path is null
            ? $"certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authority))}"
            : $"certificate-authority: {path}";
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory.FullName, path))!);
            await File.WriteAllTextAsync(Path.Combine(_directory.FullName, path), authority, TestContext.Current.CancellationToken);
        }

        string file = KubeConfig("a");
        string config = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            file,
            config.Replace("server: \"http://a.main\"", $"server: \"https://a.main\", {said}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await using MeshHost host = await StartAsync([("Kubernetes:KubeConfig", file)]);
        Assert.Single(Options(host).Access!.SslCaCerts);
        Assert.Equal(isFile ? Path.Combine(_directory.FullName, path!) : null, Options(host).Authorities);
    }

    [Fact]
    public async Task A_program_that_gives_credentials_is_run_once()
    {
        string runs = Path.Combine(_directory.FullName, "runs");
        string script = Path.Combine(_directory.FullName, "login.sh");
        await File.WriteAllTextAsync(
            script,
            $$"""
            echo run >> {{runs}}
            echo '{ "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": { "token": "secret" } }'
            """.ReplaceLineEndings("\n"),
            TestContext.Current.CancellationToken);
        string config = (await File.ReadAllTextAsync(KubeConfig("exec"), TestContext.Current.CancellationToken)).Replace(
            "user: { token: secret }",
            $"user: {{ exec: {{ apiVersion: client.authentication.k8s.io/v1, command: sh, args: [ \"{script}\" ], "
            + "interactiveMode: Never } }",
            StringComparison.Ordinal);
        string file = Path.Combine(_directory.FullName, "exec");
        await File.WriteAllTextAsync(file, config, TestContext.Current.CancellationToken);
        await using MeshHost host = await StartAsync([("Kubernetes:KubeConfig", file)]);
        Assert.Equal("http://exec.main", Options(host).Access!.Host);
        Assert.Single(await File.ReadAllLinesAsync(runs, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Unknown_keys_and_bad_values_stop_the_start_with_their_paths()
    {
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            [
                ("Kubernetes:KubeConfg", "x"), ("Kubernetes:Pods", "maybe"), ("Kubernetes:Zone", ""),
                ("Kubernetes:KubeConfig", "/does/not/exist"),
            ]));
        Assert.Contains("Mesh:Kubernetes:KubeConfg: unknown key; did you mean KubeConfig?", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Kubernetes:Pods: 'maybe' is neither true nor false", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Kubernetes:Zone: empty; leave it out", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/does/not/exist", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{{")]
    [InlineData("clusters: 7")]
    [InlineData("")]
    public async Task A_kubeconfig_that_cannot_be_read_stops_the_start(string content)
    {
        string file = Path.Combine(_directory.FullName, "bad");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        OptionsValidationException exception =
            await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync([("Kubernetes:KubeConfig", file)]));
        Assert.StartsWith("Mesh:Kubernetes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_a_cluster_and_without_a_kubeconfig_it_is_said_what_is_missing()
    {
        var options = new MeshKubernetesOptions();
        new KubernetesDefaults(new LinkerdEnvironment(_ => null, "/none"), "/nowhere/config").PostConfigure(null, options);
        string problem = Assert.Single(new KubernetesOptionsValidator().Validate(null, options).Failures!);
        Assert.StartsWith(
            "Mesh:Kubernetes:KubeConfig: missing; this is no pod (KUBERNETES_SERVICE_HOST is not set)", problem, StringComparison.Ordinal);
        Assert.Contains("/nowhere/config", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_is_not_enabled_nothing_is_missing()
    {
        var options = new MeshKubernetesOptions { Enabled = false };
        new KubernetesDefaults(new LinkerdEnvironment(_ => null, "/none"), "/nowhere/config").PostConfigure(null, options);
        Assert.True(new KubernetesOptionsValidator().Validate(null, options).Succeeded);
    }

    private static MeshKubernetesOptions Options(MeshHost host) =>
        host.Services.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;

    private static Task<MeshHost> StartAsync(MeshSettings settings, params (string Name, string Value)[] variables) => MeshHost.StartAsync(
        settings,
        services =>
        {
            services.AddSingleton(new LinkerdEnvironment(
                name => variables.FirstOrDefault(variable => variable.Name == name).Value, "/none"));
            services.AddMeshClient(_ => { }).AddKubernetes();
        });

    private string KubeConfig(string name, string other = "other")
    {
        string file = Path.Combine(_directory.FullName, name);
        File.WriteAllText(
            file,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: main
            clusters:
            - { name: main, cluster: { server: "http://{{name}}.main" } }
            - { name: {{other}}, cluster: { server: "http://{{name}}.{{other}}" } }
            users:
            - { name: me, user: { token: secret } }
            contexts:
            - { name: main, context: { cluster: main, user: me } }
            - { name: {{other}}, context: { cluster: {{other}}, user: me, namespace: {{other}}-ns } }
            """);
        return file;
    }
}

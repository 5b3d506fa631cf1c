using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.KubernetesTests.Watching;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.KubernetesTests.Api;

public sealed class ApiServerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:443")]
    public void A_configuration_without_a_server_is_refused(string host) => Assert.Throws<ArgumentException>(
        () => new ApiServer(new KubernetesClientConfiguration { Host = host }, TimeProvider.System));

    [Fact]
    public void Its_name_holds_no_password()
    {
        using var server = new ApiServer(
            new KubernetesClientConfiguration { Host = "https://me:secret@10.0.0.1:6443/k8s/" }, TimeProvider.System);
        Assert.Equal("Kubernetes https://10.0.0.1:6443", server.Name);
    }

    [Fact]
    public async Task The_server_may_have_another_name_than_its_address()
    {
        using X509Certificate2 certificate = ServerCertificate.Create("kubernetes.default.svc");
        await using FaultServer server = await FaultServer.StartAsync(certificate);
        await using var refused = new Reading(server);
        using IResourceLease<V1EndpointSlice> none = refused.OfNamespace();
        await Eventually.TrueAsync(() => none.State.Problem is not null);
        Assert.Empty(server.Calls);

        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.TlsServerName = "kubernetes.default.svc";
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);
    }

    [Fact]
    public async Task A_client_certificate_of_a_kubeconfig_is_shown()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 own = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.ClientCertificateData = Convert.ToBase64String(Encoding.UTF8.GetBytes(own.ExportCertificatePem()));
        configuration.ClientCertificateKeyData = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);
        Assert.Equal("CN=me", server.Calls[0].Certificate);
    }

    [Fact]
    public async Task The_intermediates_of_a_client_certificate_are_sent()
    {
        var ca = new TestCa();
        Credential own = ca.Issue("me.shop.mesh");
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.ClientCertificateData = Base64(TestCa.ChainPem(own));
        configuration.ClientCertificateKeyData = Base64(TestCa.KeyPem(own));
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);
        Assert.Contains(ca.Intermediate.Subject, server.Intermediates);
    }

    [Fact]
    public async Task A_client_certificate_that_is_renewed_is_shown_by_the_next_connection()
    {
        var ca = new TestCa();
        using var folder = new TemporaryFolder();
        await using FaultServer server = await FaultServer.StartAsync(tls: true);
        KubernetesClientConfiguration configuration = server.Configuration;
        (configuration.ClientCertificateFilePath, configuration.ClientKeyFilePath) = (folder.File("tls.crt"), folder.File("tls.key"));
        Write("CN=first");
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);
        await Eventually.TrueAsync(() => server.Calls is [.., { Verb: "watch", Certificate: "CN=first" }]);

        // Half of it is there: the last holds.
        await File.WriteAllTextAsync(configuration.ClientKeyFilePath, "-----BEGIN", TestContext.Current.CancellationToken);
        await AgainAsync("CN=first");
        Write("CN=second");
        await AgainAsync("CN=second");

        void Write(string subject)
        {
            Credential own = ca.Issue(new TestLeaf("me.shop.mesh") { Subject = subject });
            File.WriteAllText(configuration.ClientCertificateFilePath, TestCa.ChainPem(own));
            File.WriteAllText(configuration.ClientKeyFilePath, TestCa.KeyPem(own));
        }

        async Task AgainAsync(string subject)
        {
            int calls = server.Calls.Length;
            await Eventually.TrueAsync(() =>
            {
                if (server.Calls is not [.., { Verb: "watch" } last])
                {
                    return false;
                }

                if (server.Calls.Length > calls && last.Certificate == subject)
                {
                    return true;
                }

                // The files are not looked at for each of them.
                server.Drop();
                return false;
            });
        }
    }

    // As the kubelet does with the ca.crt of a pod.
    [Fact]
    public async Task Authorities_in_a_file_are_followed()
    {
        using var folder = new TemporaryFolder();
        using X509Certificate2 first = ServerCertificate.Create();
        await using FaultServer server = await FaultServer.StartAsync(first);
        KubernetesClientConfiguration configuration = server.Configuration;
        string file = folder.File("ca.crt");
        await File.WriteAllTextAsync(file, first.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using var reading = new Reading(configuration, authorities: file);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);

        await server.StopAsync();
        server.Certificate = ServerCertificate.Create();
        server.Set(Reading.Slices, Reading.Slice("late"));
        await server.StartAgainAsync();
        int calls = server.Calls.Length;
        await Eventually.TrueAsync(() => lease.State.Problem?.Contains("certificate", StringComparison.Ordinal) == true);
        Assert.Equal(calls, server.Calls.Length);

        await File.WriteAllTextAsync(file, server.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await Reading.SameAsync(server, lease);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    [Fact]
    public async Task A_user_and_a_password_will_do()
    {
        await using FaultServer server = await FaultServer.StartAsync();
        KubernetesClientConfiguration configuration = server.Configuration;
        (configuration.Username, configuration.Password) = ("me", "secret");
        await using var reading = new Reading(configuration);
        using IResourceLease<V1EndpointSlice> lease = reading.OfNamespace();
        await Reading.SameAsync(server, lease);
        Assert.All(server.Calls, call => Assert.Equal("Basic bWU6c2VjcmV0", call.Authorization));
    }
}

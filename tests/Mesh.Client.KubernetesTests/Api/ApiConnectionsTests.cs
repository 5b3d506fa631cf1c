using System.Security.Cryptography.X509Certificates;
using k8s;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Api;

/// <summary>Files of the API server's authorities that are renewed: when they are looked at. The test moves the clock.</summary>
public sealed class ApiConnectionsTests : IDisposable
{
    private readonly RecordingClock _clock = new();
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _first = ServerCertificate.Create();
    private readonly X509Certificate2 _second = ServerCertificate.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Authorities => _folder.File("ca.crt");

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Files_are_looked_at_once_a_second()
    {
        Renew(_first);
        using ApiConnections connections = Connect();
        HttpMessageInvoker first = connections.Current();
        Renew(_second);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Same(first, connections.Current());

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        HttpMessageInvoker second = connections.Current();
        Assert.NotSame(first, second);

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(second, connections.Current());
    }

    [Fact]
    public void Files_are_looked_at_again_after_a_failure_but_once()
    {
        Renew(_first);
        using ApiConnections connections = Connect();
        HttpMessageInvoker first = connections.Current();
        Renew(_second);
        connections.Suspect();
        HttpMessageInvoker second = connections.Current();
        Assert.NotSame(first, second);

        Renew(_first);
        Assert.Same(second, connections.Current());
    }

    [Fact]
    public async Task What_was_renewed_before_the_first_request_holds()
    {
        await using FaultServer server = await FaultServer.StartAsync(_second);
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.SslCaCerts = [X509CertificateLoader.LoadCertificate(_first.RawData)];
        Renew(_second);
        using var api = new ApiServer(configuration, _clock, authorities: Authorities);

        Assert.NotEmpty(await api.KindsAsync("discovery.k8s.io", "v1", Cancellation));
    }

    [Fact]
    public async Task A_file_that_makes_no_sense_at_first_is_followed_once_it_does()
    {
        await using FaultServer server = await FaultServer.StartAsync(_second);
        KubernetesClientConfiguration configuration = server.Configuration;
        configuration.SslCaCerts = [X509CertificateLoader.LoadCertificate(_first.RawData)];
        await File.WriteAllTextAsync(Authorities, "-----BEGIN", Cancellation);
        using var api = new ApiServer(configuration, _clock, authorities: Authorities);
        await Assert.ThrowsAsync<ApiException>(() => api.KindsAsync("discovery.k8s.io", "v1", Cancellation));

        Renew(_second);
        Assert.NotEmpty(await api.KindsAsync("discovery.k8s.io", "v1", Cancellation));
    }

    [Fact]
    public async Task A_server_that_is_not_trusted_is_once_the_file_says_so_whatever_the_time()
    {
        await using FaultServer server = await FaultServer.StartAsync(_first);
        Renew(_first);
        using var api = new ApiServer(server.Configuration, _clock, authorities: Authorities);
        Assert.NotEmpty(await api.KindsAsync("discovery.k8s.io", "v1", Cancellation));
        await server.StopAsync();
        server.Certificate = _second;
        await server.StartAgainAsync();
        Renew(_second);

        await Assert.ThrowsAsync<ApiException>(() => api.KindsAsync("discovery.k8s.io", "v1", Cancellation));
        Assert.NotEmpty(await api.KindsAsync("discovery.k8s.io", "v1", Cancellation));
    }

    private void Renew(X509Certificate2 authority) => File.WriteAllText(Authorities, authority.ExportCertificatePem());

    private ApiConnections Connect() => new(
        new KubernetesClientConfiguration { Host = "https://127.0.0.1", SslCaCerts = [] }, Authorities, new ApiTimeouts(), _clock);
}

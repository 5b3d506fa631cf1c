using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A server that the mesh must not speak to. Keeps what it was told beyond the handshake.</summary>
internal sealed class BadPeer : IAsyncDisposable
{
    public const string Other = "orders.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly StringBuilder _heard = new();
    private readonly RawServer _server;

    private BadPeer(Func<BadPeer, NetworkStream, CancellationToken, Task> serve) =>
        _server = new RawServer((stream, stop) => serve(this, stream, stop));

    public int Port => _server.Port;

    public string Address => _server.Address;

    public int Connections => _server.Connections;

    /// <summary>What came after the handshake; all there was where it made none.</summary>
    public string Heard
    {
        get
        {
            lock (_heard)
            {
                return _heard.ToString();
            }
        }
    }

    public static BadPeer Start(string kind, TestCa ca) => kind switch
    {
        "expired" => Tls(ca, Leaf with { From = TimeSpan.FromDays(-2), Until = TimeSpan.FromHours(-1) }),
        "not yet valid" => Tls(ca, Leaf with { From = TimeSpan.FromHours(1), Until = TimeSpan.FromHours(2) }),
        "other authority" => Tls(new TestCa(name: "other"), Leaf),
        "self-signed" => Tls(SelfSigned(), SslProtocols.Tls13),
        "somebody else" => Tls(ca, new TestLeaf(Other)),
        "common name only" => Tls(ca, new TestLeaf { Subject = $"CN={SecureMesh.Catalog}" }),
        "no usage" => Tls(ca, Leaf with { Usages = [] }),
        "client's usage only" => Tls(ca, Leaf with { Usages = [TestLeaf.ClientAuth] }),
        "TLS 1.2" => Tls(ca, Leaf, SslProtocols.Tls12),
        "plaintext" => Saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray()),
        "garbage" => Saying(RandomNumberGenerator.GetBytes(2000)),
        // The first half of a ServerHello.
        "truncated" => Saying(Convert.FromHexString("160303007a0200007603030102030405060708")),
        "closes at once" => new((_, _, _) => Task.CompletedTask),
        "silent" => new((peer, stream, stop) => peer.HearAsync(stream, stop)),
        _ => throw new ArgumentException(kind),
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static TestLeaf Leaf => new(SecureMesh.Catalog);

    private static BadPeer Tls(TestCa ca, TestLeaf leaf, SslProtocols protocols = SslProtocols.Tls13) =>
        Tls(SslStreamCertificateContext.Create(ca.IssueCertificate(leaf), [ca.Intermediate], offline: true), protocols);

    private static BadPeer Tls(SslStreamCertificateContext shown, SslProtocols protocols) => new(async (peer, stream, stop) =>
    {
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = shown,
                    EnabledSslProtocols = protocols,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
                },
                stop);
            await peer.HearAsync(tls, stop);
        }
        catch (AuthenticationException)
        {
            // As it should.
        }
    });

    /// <summary>Waits for the first bytes, says this, closes.</summary>
    private static BadPeer Saying(byte[] answer) => new(async (peer, stream, stop) =>
    {
        byte[] buffer = new byte[16 * 1024];
        int read = await stream.ReadAsync(buffer, stop);
        peer.Hear(buffer.AsSpan(0, read));
        await stream.WriteAsync(answer, stop);
    });

    private static SslStreamCertificateContext SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={SecureMesh.Catalog}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(SecureMesh.Catalog);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TestLeaf.ServerAuth)], false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1)), null, offline: true);
    }

    private async Task HearAsync(Stream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, stop) is > 0 and int read)
        {
            Hear(buffer.AsSpan(0, read));
        }
    }

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        lock (_heard)
        {
            _heard.Append(Encoding.Latin1.GetString(bytes));
        }
    }
}

using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Identity;

public sealed class CertifyCredentialSourceTests : IDisposable
{
    // Longer than a common name may be.
    private const string Web = "web.a-namespace-with-quite-a-long-name.serviceaccount.identity.linkerd.cluster.local";
    private const string Token = "s3cr3t-t0ken-of-web";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-certify-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger<CertifyCredentialSource> _log = new();
    private readonly TestCa _ca;
    private readonly CertifyServer _server;
    private ControlPlaneChannel? _channel;
    private int _ticks;

    public CertifyCredentialSourceTests()
    {
        _ca = new TestCa(_time);
        _server = new CertifyServer(_ca);
        File.WriteAllText(TokenPath, Token + "\n");
        File.WriteAllText(TrustPath, _ca.Root.ExportCertificatePem());
    }

    private string TokenPath => Path.Combine(_directory.FullName, "token");

    private string TrustPath => Path.Combine(_directory.FullName, "ca.crt");

    public void Dispose()
    {
        _channel?.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task WatchAsync_Certify_GivesACredential()
    {
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);

        CredentialUpdate state = await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });

        Assert.Null(state.Problem);
        Assert.Equal([TestCa.Id(Web)], state.Credential!.Identities);
        Assert.Equal([_ca.Intermediate], state.Credential.Intermediates);
        Assert.True(state.Credential.Leaf.HasPrivateKey);
        Assert.Null(new PeerVerifier(_time, PeerRole.Client)
            .Verify(state.Credential.Leaf, [.. state.Credential.Intermediates], state.TrustBundle!, TestCa.Id(Web)).Problem);
        Assert.Equal(Token, Assert.Single(_server.Requests).Token.ToStringUtf8());
    }

    [Fact]
    public async Task WatchAsync_ReplicaIsAway_IsCertifiedByAnother()
    {
        await using InProcessServer host = await _server.StartAsync();
        var names = new ReplicaNames { Addresses = [ReplicaNames.Second, IPAddress.Parse("127.0.0.3"), ReplicaNames.First] };
        var address = new Uri(ReplicaNames.Address(host.Address.Port));

        // Whoever begins, begins anywhere.
        for (int i = 0; i < 6; i++)
        {
            using var channel = new ControlPlaneChannel(address, tls: null, names);
            await using CredentialReader reader = Read(address, channel);
            CredentialUpdate state = await reader.UntilAsync(state => state.Credential is not null || state.Problem is not null);
            Assert.Null(state.Problem);
        }

        Assert.Equal(6, _server.Requests.Count);
    }

    [Fact]
    public async Task WatchAsync_NoIntermediate_IsWholeAsItIs()
    {
        _server.NoIntermediate = true;
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);

        CredentialUpdate state = await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });

        Assert.Empty(state.Credential!.Intermediates);
        Assert.Null(new PeerVerifier(_time, PeerRole.Client)
            .Verify(state.Credential.Leaf, [], state.TrustBundle!, TestCa.Id(Web)).Problem);
    }

    /// <summary>What the protocol's text speaks of; the implementations send DER.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WatchAsync_Pem_IsReadToo(bool chainInOne)
    {
        _server.Spoil = response =>
        {
            string leaf = Pem(response.LeafCertificate), intermediate = Pem(response.IntermediateCertificates[0]);
            response.IntermediateCertificates.Clear();
            response.LeafCertificate = ByteString.CopyFromUtf8(chainInOne ? leaf + intermediate : leaf);
            if (!chainInOne)
            {
                response.IntermediateCertificates.Add(ByteString.CopyFromUtf8(intermediate));
            }
        };
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);

        CredentialUpdate state = await reader.UntilAsync(state => state.Credential is not null);

        Assert.Equal([_ca.Intermediate], state.Credential!.Intermediates);

        static string Pem(ByteString der) => System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", der.Span) + "\n";
    }

    [Fact]
    public async Task WatchAsync_SeventyPercentOfLife_RefreshesWithANewKeyAndTheTokenOfThatTime()
    {
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);
        CredentialUpdate first = await reader.UntilAsync(state => state.Credential is not null);
        await File.WriteAllTextAsync(TokenPath, "next-token", TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromHours(16));
        Assert.Single(_server.Requests);
        CredentialUpdate second = await reader.UntilAsync(
            state => state.Credential is not null && !state.Credential.Equals(first.Credential), Hours);

        Assert.InRange(second.Credential!.NotAfter - first.Credential!.NotAfter, TimeSpan.FromHours(16.8), TimeSpan.FromDays(7));
        Assert.Equal("next-token", _server.Requests.Last().Token.ToStringUtf8());
        Assert.NotEqual(first.Credential.Leaf.GetPublicKeyString(), second.Credential.Leaf.GetPublicKeyString());
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(-5, 10)]
    [InlineData(10, 10)]
    [InlineData(100, 70)]
    [InlineData(86400, 60480)]
    [InlineData(864000, 86400)]
    public void RefreshAfter_Life_IsSeventyPercentWithinBounds(int left, int expected) => Assert.Equal(
        TimeSpan.FromSeconds(expected), CertifyCredentialSource.RefreshAfter(TimeSpan.FromSeconds(left)));

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "missing token", "cannot read the token ({token}) or the request: missing token")]
    [InlineData(StatusCode.FailedPrecondition, "not you", "does not certify {web} for the bearer of the token ({token}): not you")]
    [InlineData(StatusCode.PermissionDenied, "no", "does not accept the token ({token}): no")]
    [InlineData(StatusCode.Unavailable, "issuer not loaded", "is out of reach: Unavailable: issuer not loaded")]
    [InlineData(StatusCode.Unimplemented, "", "gives out no certificates (io.linkerd.proxy.identity.Identity is not served there)")]
    public async Task WatchAsync_Refused_SaysWhyAndTriesAgain(StatusCode status, string detail, string expected)
    {
        _server.Failure = new Status(status, detail);
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);

        CredentialUpdate refused = await reader.UntilAsync(state => state.Problem is not null);
        string where = $"control plane {host.Address.GetLeftPart(UriPartial.Authority)} ";
        Assert.Equal(
            where + expected.Replace("{token}", TokenPath, StringComparison.Ordinal).Replace("{web}", Web, StringComparison.Ordinal),
            refused.Problem);
        Assert.Null(refused.Credential);

        _server.Failure = null;
        CredentialUpdate state = await reader.UntilAsync(state => state.Credential is not null, Moment);
        Assert.Null(state.Problem);
    }

    [Fact]
    public async Task WatchAsync_RefreshFails_TheOldCredentialStands()
    {
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);
        CredentialUpdate first = await reader.UntilAsync(state => state.Credential is not null);
        _server.Failure = new Status(StatusCode.Unavailable, "later");

        CredentialUpdate failing = await reader.UntilAsync(state => state.Problem is not null, Hours);
        Assert.Equal(first.Credential, failing.Credential);

        _server.Failure = null;
        CredentialUpdate state = await reader.UntilAsync(state => state.Problem is null, Moment);
        Assert.NotEqual(first.Credential, state.Credential);
    }

    [Fact]
    public async Task WatchAsync_NoTokenYet_WaitsForIt()
    {
        File.Delete(TokenPath);
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);
        CredentialUpdate missing = await reader.UntilAsync(state => state.Problem is not null);
        Assert.Equal($"token {TokenPath}: there is no such file", missing.Problem);

        await File.WriteAllTextAsync(TokenPath, "\n", TestContext.Current.CancellationToken);
        await reader.UntilAsync(state => state.Problem == $"token {TokenPath}: it is empty", Moment);
        Assert.Empty(_server.Requests);

        await File.WriteAllTextAsync(TokenPath, Token, TestContext.Current.CancellationToken);
        await reader.UntilAsync(state => state is { Credential: not null, Problem: null }, Moment);
    }

    [Fact]
    public async Task WatchAsync_AnswerOfNoUse_IsRefused()
    {
        (Action<global::Mesh.Client.Identity.Protocol.CertifyResponse> Spoil, string Problem)[] cases =
        [
            (response => response.LeafCertificate = ByteString.CopyFromUtf8("x"), "a certificate in it cannot be read"),
            (response => response.LeafCertificate = ByteString.Empty, "it holds no certificate"),
            (response => response.IntermediateCertificates[0] = ByteString.CopyFromUtf8("x"), "an intermediate that makes no sense"),
            (response => response.LeafCertificate = ByteString.CopyFrom(_ca.Issue(Web).Leaf.RawData), "the certificate is for another key"),
        ];
        _server.Spoil = cases[0].Spoil;
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);
        foreach ((Action<global::Mesh.Client.Identity.Protocol.CertifyResponse> spoil, string problem) in cases)
        {
            _server.Spoil = spoil;
            CredentialUpdate state = await reader.UntilAsync(
                state => state.Problem?.Contains(problem, StringComparison.Ordinal) == true, Moment);
            Assert.Null(state.Credential);
        }
    }

    [Fact]
    public async Task WatchAsync_SilentServer_IsGivenUpAfter10Seconds()
    {
        _server.Hold = new TaskCompletionSource().Task;
        await using InProcessServer host = await _server.StartAsync();
        await using CredentialReader reader = Read(host.Address);
        await Eventually.TrueAsync(() => _server.Requests.Count == 1);

        CredentialUpdate state = await reader.UntilAsync(state => state.Problem is not null, Moment);
        Assert.EndsWith("did not answer within 10 s", state.Problem, StringComparison.Ordinal);

        _server.Hold = Task.CompletedTask;
        await reader.UntilAsync(state => state.Credential is not null, Moment);
    }

    [Fact]
    public async Task WatchAsync_OutOfReach_SaysSo()
    {
        await using CredentialReader reader = Read(new Uri("http://127.0.0.1:1"));

        CredentialUpdate state = await reader.UntilAsync(state => state.Problem is not null);

        Assert.StartsWith("control plane http://127.0.0.1:1 is out of reach: ", state.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_AnyOutcome_LogsNoToken()
    {
        _server.Failure = new Status(StatusCode.FailedPrecondition, "no");
        await using InProcessServer host = await _server.StartAsync();
        await using (CredentialReader reader = Read(host.Address))
        {
            await reader.UntilAsync(state => state.Problem is not null);
            _server.Failure = null;
            await reader.UntilAsync(state => state.Credential is not null, Moment);
        }

        string all = string.Join('\n', _log.Collector.GetSnapshot().Select(record => record.Message + record.Exception));
        Assert.Contains(Web, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, all, StringComparison.Ordinal);
    }

    /// <summary>Little enough that a call which is under way on a busy machine is not timed out.</summary>
    private void Moment() => _time.Advance(TimeSpan.FromMilliseconds(100));

    /// <summary>Up to the refresh in leaps that leave it half a second of real time.</summary>
    private void Hours()
    {
        bool leap = _server.Requests.Count == 1 && _ticks++ % 50 == 0;
        _time.Advance(leap ? TimeSpan.FromHours(17) : TimeSpan.FromMilliseconds(100));
    }

    private CredentialReader Read(Uri address)
    {
        _channel = new ControlPlaneChannel(address);
        return Read(address, _channel);
    }

    private CredentialReader Read(Uri address, ControlPlaneChannel channel) => new(
        new CertifyCredentialSource(address, channel.CreateCallInvoker(), TestCa.Id(Web), TokenPath, TrustPath, _time, _log));
}

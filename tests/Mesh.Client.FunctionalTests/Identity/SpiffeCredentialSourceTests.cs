using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Identity;

public sealed class SpiffeCredentialSourceTests : IDisposable
{
    private const string Web = "spiffe://example.org/ns/shop/sa/web";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-spiffe-");
    private readonly FakeLogger<SpiffeCredentialSource> _log = new();
    private readonly WorkloadApiServer _agent = new();
    private readonly TestCa _ca = new();
    private readonly TestCa _foreign = new(name: "foreign");

    private string Socket => Path.Combine(_directory.FullName, "agent.sock");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("unix:///run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("unix:/run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("unix://run/agent.sock", null)]
    [InlineData("unix:agent.sock", null)]
    [InlineData("unix:///", null)]
    [InlineData("tcp://127.0.0.1:8081", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void TryParse_EndpointSocket_GivesItsPath(string? text, string? path) => Assert.Equal(path, SpiffeSocket.TryParse(text));

    [Fact]
    public async Task WatchAsync_Svid_GivesCredentialAndAnchors()
    {
        Credential issued = _ca.Issue(Web);
        var message = new X509SVIDResponse
        {
            Svids = { WorkloadApiServer.Svid(issued, _ca), WorkloadApiServer.Svid(_ca.Issue("spiffe://example.org/other"), _ca) },
            FederatedBundles = { ["spiffe://theirs.org"] = ByteString.CopyFrom(_foreign.Root.RawData) },
        };
        _agent.Say(message);
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();

        CredentialUpdate state = await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });

        Assert.Null(state.Problem);
        Assert.Equal(issued, state.Credential);
        Assert.Equal([TestCa.Id(Web)], state.Credential!.Identities);
        Assert.Equal([_ca.Root], state.TrustBundle!.AnchorsFor(TestCa.Id("spiffe://example.org/a")));
        Assert.Equal([_foreign.Root], state.TrustBundle.AnchorsFor(TestCa.Id("spiffe://theirs.org/a")));
        Assert.Equal([_ca.Root], state.TrustBundle.AnchorsFor(TestCa.Id("a.b")));
    }

    [Fact]
    public async Task WatchAsync_WantedIdentity_IsChosen()
    {
        Credential wanted = _ca.Issue(Web);
        _agent.Say(new X509SVIDResponse
        {
            Svids = { WorkloadApiServer.Svid(_ca.Issue("spiffe://example.org/other"), _ca), WorkloadApiServer.Svid(wanted, _ca) },
        });
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using (CredentialReader reader = Read(TestCa.Id(Web)))
        {
            Assert.Equal(wanted, (await reader.UntilAsync(state => state.Credential is not null)).Credential);
        }

        await using CredentialReader another = Read(TestCa.Id("spiffe://example.org/third"));
        Assert.Equal(
            $"SPIFFE agent unix:{Socket} has no identity spiffe://example.org/third for this process; "
            + $"it has: spiffe://example.org/other, {Web}",
            (await another.UntilAsync(state => state.Problem is not null)).Problem);
    }

    [Fact]
    public async Task WatchAsync_Rotation_GivesTheNewOnes()
    {
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(_ca.Issue(Web), _ca) } });
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();
        await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });

        var next = new TestCa(name: "next");
        _agent.Say(new X509BundlesResponse
        {
            Bundles = { ["spiffe://example.org"] = ByteString.CopyFrom([.. _ca.Root.RawData, .. next.Root.RawData]) },
        });
        CredentialUpdate both = await reader.UntilAsync(state => state.TrustBundle?.Count == 2);
        Assert.Equal(2, both.TrustBundle!.AnchorsFor(TestCa.Id(Web)).Count);

        Credential second = next.Issue(Web);
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(second, next) } });
        CredentialUpdate state = await reader.UntilAsync(state => second.Equals(state.Credential));
        Assert.Equal([next.Root], state.TrustBundle!.AnchorsFor(TestCa.Id(Web)));
    }

    [Fact]
    public async Task WatchAsync_AgentRestarts_TheLastStateStandsAndTheNextComes()
    {
        Credential first = _ca.Issue(Web), second = _ca.Issue(Web);
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(first, _ca) } });
        WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();
        await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });

        await host.DisposeAsync();
        CredentialUpdate lost = await reader.UntilAsync(state => state.Problem?.Contains("out of reach", StringComparison.Ordinal) == true);
        Assert.Equal(first, lost.Credential);
        Assert.NotNull(lost.TrustBundle);

        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(second, _ca) } });
        _agent.Say(new X509BundlesResponse { Bundles = { ["example.org"] = ByteString.CopyFrom(_ca.Root.RawData) } });
        await using WebApplication again = await _agent.StartAsync(Socket);
        await reader.UntilAsync(state => second.Equals(state.Credential) && state.Problem is null);
    }

    [Fact]
    public async Task WatchAsync_NotRegistered_SaysSoOnceAndTriesAgain()
    {
        _agent.Failure = new Status(StatusCode.PermissionDenied, "no identity issued");
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();
        CredentialUpdate refused = await reader.UntilAsync(state => state.Problem is not null);
        Assert.Equal($"SPIFFE agent unix:{Socket} has no identity for this process: no identity issued", refused.Problem);

        _agent.Failure = null;
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(_ca.Issue(Web), _ca) } });
        _agent.Say(new X509BundlesResponse { Bundles = { ["example.org"] = ByteString.CopyFrom(_ca.Root.RawData) } });
        await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null, Problem: null });
    }

    [Fact]
    public async Task WatchAsync_MessagesOfNoUse_AreRefusedAndTheLastStateStands()
    {
        Credential first = _ca.Issue(Web);
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(first, _ca) } });
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();
        await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null });
        X509SVID wrongKey = WorkloadApiServer.Svid(_ca.Issue(Web), _ca);
        wrongKey.X509SvidKey = WorkloadApiServer.Svid(first, _ca).X509SvidKey;
        X509SVID wrongName = WorkloadApiServer.Svid(_ca.Issue("spiffe://example.org/other"), _ca);
        wrongName.SpiffeId = Web;
        X509SVID garbage = WorkloadApiServer.Svid(_ca.Issue(Web), _ca);
        garbage.Bundle = ByteString.CopyFromUtf8("garbage");
        (X509SVIDResponse Message, string Problem)[] cases =
        [
            (new X509SVIDResponse(), "has no identity at all"),
            (new X509SVIDResponse { Svids = { wrongKey } }, "the key does not belong to the certificate"),
            (new X509SVIDResponse { Svids = { wrongName } }, "not for the SPIFFE ID beside it"),
            (new X509SVIDResponse { Svids = { garbage } }, "anchors of no use: example.org: a certificate in it cannot be read"),
        ];

        foreach ((X509SVIDResponse message, string problem) in cases)
        {
            _agent.Say(message);
            CredentialUpdate state = await reader.UntilAsync(state => state.Problem?.Contains(problem, StringComparison.Ordinal) == true);
            Assert.Equal(_ca.Root, Assert.Single(state.TrustBundle!.AnchorsFor(TestCa.Id(Web))));
        }

        string secret = Convert.ToBase64String(TestCa.KeyDer(first))[..20];
        Assert.DoesNotContain(_log.Collector.GetSnapshot(), record => record.Message.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WatchAsync_AgentWithoutBundles_IsEnough()
    {
        _agent.IsOld = true;
        _agent.Say(new X509SVIDResponse { Svids = { WorkloadApiServer.Svid(_ca.Issue(Web), _ca) } });
        await using WebApplication host = await _agent.StartAsync(Socket);
        await using CredentialReader reader = Read();

        await reader.UntilAsync(state => state is { Credential: not null, TrustBundle: not null, Problem: null });
    }

    [Fact]
    public async Task WatchAsync_NoSocket_SaysSo()
    {
        await using CredentialReader reader = Read();

        CredentialUpdate state = await reader.UntilAsync(state => state.Problem is not null);

        Assert.StartsWith($"SPIFFE agent unix:{Socket} is out of reach: ", state.Problem, StringComparison.Ordinal);
    }

    private CredentialReader Read(WorkloadIdentity? wanted = null) =>
        new(new SpiffeCredentialSource(Socket, wanted, TimeProvider.System, _log));
}

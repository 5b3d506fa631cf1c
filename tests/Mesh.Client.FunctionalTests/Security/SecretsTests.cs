using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Identity;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>No key, token or PEM in anything that the mesh says.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Token = "s3cr3t-t0ken-of-web";

    private readonly TestCa _ca = new();
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _said = new();
    private readonly List<byte[]> _keys = [];
    private readonly MeterListener _metrics = new();

    public SecretsTests()
    {
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Mesh.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _metrics.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _metrics.Start();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_GoodRefusedRotatedAndBroken_SayNoSecret()
    {
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using BadPeer bad = BadPeer.Start("somebody else", _ca);
        WriteFiles();
        await using MeshHost client = await StartAsync(
            ("Identity:Source", "Files"),
            ("Identity:CertificateFile", _folder.File("tls.crt")),
            ("Identity:PrivateKeyFile", _folder.File("tls.key")),
            ("Services:catalog:Endpoints:0:Address", $"127.0.0.1:{good.Port}"),
            ("Services:catalog:Endpoints:0:Identity", SecureMesh.Catalog),
            ("Services:orders:Endpoints:0:Address", bad.Address),
            ("Services:orders:Endpoints:0:Identity", SecureMesh.Catalog));
        CredentialStore store = client.Services.GetRequiredService<CredentialStore>();
        await client.Client().GetStringAsync("/", Stop);
        await FailAsync(client, "http://orders/");

        // A new one, a key that is another's, half a key, and a key where the certificate should be.
        Credential? first = store.Current.Credential;
        WriteFiles();
        await Eventually.TrueAsync(() => !Equals(store.Current.Credential, first));
        string whole = await File.ReadAllTextAsync(_folder.File("tls.key"), Stop);
        string others = KeyOf(_ca.Issue([SecureMesh.Web]));
        foreach ((string name, string text) in new[] { ("tls.key", others), ("tls.key", whole[..100]), ("tls.crt", whole) })
        {
            string? problem = store.Current.Problem;
            _folder.Write(name, text);
            await Eventually.TrueAsync(() => store.Current.Problem is { } now && now != problem);
            Say(store.Current);
        }

        AssertNoSecret(client, "tls.handshakes");
    }

    [Fact]
    public async Task ControlPlane_TokenTakenRefusedAndOutOfReach_SayNoSecret()
    {
        var server = new CertifyServer(_ca) { Failure = new global::Grpc.Core.Status(global::Grpc.Core.StatusCode.Unauthenticated, "no") };
        const string Name = "identity.linkerd.serviceaccount.identity.linkerd.cluster.local";
        await using MeshServer identity = await MeshServer.StartAsync(
            _ca.Issue(Name, _ca),
            before: builder => builder.Services.AddSingleton(server),
            map: app => app.MapGrpcService<CertifyServer>());
        await using MeshHost client = await StartAsync(
            ("Identity:Source", "ControlPlane"),
            ("Identity:TokenFile", _folder.Write("token", Token)),
            ("Identity:Name", SecureMesh.Web),
            ("ControlPlane:Address", $"http://127.0.0.1:{identity.Port}"),
            ("ControlPlane:Identity", Name));
        CredentialStore store = client.Services.GetRequiredService<CredentialStore>();
        await Eventually.TrueAsync(() => store.Current.Problem is not null && !server.Requests.IsEmpty);
        Say(store.Current);
        await FailAsync(client, "http://catalog/");

        server.Failure = null;
        await Eventually.TrueAsync(() => store.IsReady);
        Say(store.Current);
        _keys.Add(TestCa.KeyDer(store.Current.Credential!));
        Assert.Equal(Token, server.Requests.First().Token.ToStringUtf8());

        AssertNoSecret(client, "credential.time_left");
    }

    private static async Task<MeshHost> StartWith(MeshSettings settings) => await MeshHost.StartAsync(
        settings, services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)));

    private Task<MeshHost> StartAsync(params IEnumerable<(string Key, string? Value)> settings)
    {
        MeshSettings all = [("Identity:TrustBundle", _folder.Write("ca.crt", _ca.Root.ExportCertificatePem())), .. settings];
        return StartWith(all);
    }

    private void WriteFiles()
    {
        Credential own = _ca.Issue([SecureMesh.Web]);
        string key = KeyOf(own);
        _folder.Write("tls.key", key);
        _folder.Write("tls.crt", TestCa.ChainPem(own));
    }

    private string KeyOf(Credential credential)
    {
        _keys.Add(TestCa.KeyDer(credential));
        return TestCa.KeyPem(credential);
    }

    private async Task FailAsync(MeshHost client, string uri) =>
        Say(await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync(uri, Stop)));

    private void Say(object? what)
    {
        lock (_said)
        {
            _said.Append(what).AppendLine();
        }
    }

    private void Note(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Say($"{instrument.Name} {value}");
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            Say(tag);
        }
    }

    private void AssertNoSecret(MeshHost client, string alsoSaid)
    {
        _metrics.RecordObservableInstruments();
        foreach (FakeLogRecord record in client.Logs.GetSnapshot())
        {
            Say($"{record.Category} {record.Message} {string.Join(' ', record.StructuredState ?? [])} {record.Exception}");
        }

        Say(JsonSerializer.Serialize(client.Services.GetRequiredService<IOptions<MeshClientOptions>>().Value));
        CredentialState state = client.Services.GetRequiredService<CredentialStore>().Current;
        Say(state.Credential);
        Say(state.TrustBundle);
        foreach (ServiceRuntime service in client.Runtime.Services())
        {
            Say(service.Snapshot);
        }

        string said;
        lock (_said)
        {
            // The process's metrics go on meanwhile.
            said = _said.ToString();
        }

        Assert.Contains(alsoSaid, said, StringComparison.Ordinal);
        Assert.DoesNotContain("-----BEGIN", said, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, said, StringComparison.Ordinal);
        foreach (byte[] key in _keys)
        {
            // The scalar, in each alignment of Base64 and in hexadecimal digits.
            for (int i = 0; i < 3; i++)
            {
                Assert.DoesNotContain(Convert.ToBase64String(key[i..])[48..72], said, StringComparison.Ordinal);
            }

            Assert.DoesNotContain(Convert.ToHexString(key.AsSpan(36, 20)), said, StringComparison.OrdinalIgnoreCase);
        }
    }
}

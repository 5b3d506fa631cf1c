using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Authority;

public sealed class CertifyStatusTests
{
    private const string Api = "api.shop.serviceaccount.identity.linkerd.cluster.local";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, StatusCode, string> Refusals => new()
    {
        { "no identity", StatusCode.InvalidArgument, "missing identity" },
        { "no token", StatusCode.InvalidArgument, "missing token" },
        { "no request", StatusCode.InvalidArgument, "missing certificate signing request" },
        { "no name", StatusCode.InvalidArgument, "the identity is not a DNS name" },
        { "long token", StatusCode.InvalidArgument, "the token is longer than 64 KiB" },
        { "long request", StatusCode.InvalidArgument, "the certificate signing request is longer than 64 KiB" },
        { "garbage", StatusCode.InvalidArgument, "the certificate signing request cannot be read: it is not PKCS#10 in DER" },
        {
            "other name", StatusCode.FailedPrecondition,
            "the certificate signing request is refused: the subject alternative name is not the identity"
        },
        { "binary token", StatusCode.InvalidArgument, "invalid token: the token is not printable text without spaces" },
        {
            "other token", StatusCode.FailedPrecondition,
            "the token is not authenticated: the token is not the one in the authority's directory"
        },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Certify_Refused_CodeWordsLogAndCount(string what, StatusCode code, string words)
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync();
        using MetricCollector<long> counter = Counter(host);
        CertifyRequest request = host.Request();
        Spoil(request, what);

        Status status = await RefusedAsync(host, request);

        Assert.Equal((code, words), (status.StatusCode, status.Detail));
        var warning = Assert.Single(
            host.Server.Logs.GetSnapshot(), record => record.Id.Name == "CertificateRefused");
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains(words, warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", warning.Message, StringComparison.Ordinal);
        Assert.Equal("refused", Assert.Single(counter.GetMeasurementSnapshot()).Tags["mesh.outcome"]);
        Assert.DoesNotContain(
            host.Server.Logs.GetSnapshot(),
            record => record.Message.Contains(System.Text.Encoding.UTF8.GetString(host.Token), StringComparison.Ordinal));
    }

    public static TheoryData<string, StatusCode, string> Judgements => new()
    {
        { "invalid", StatusCode.InvalidArgument, "invalid token: torn" },
        { "unauthenticated", StatusCode.FailedPrecondition, "the token is not authenticated: expired" },
        { "other", StatusCode.FailedPrecondition, Another($"{Api}'s") },
        { "user", StatusCode.FailedPrecondition, Another("no DNS name's") },
        { "away", StatusCode.Unavailable, "the token could not be checked: the judge is away" },
        { "throws", StatusCode.Unavailable, "the token could not be checked (HttpRequestException)" },
    };

    [Theory]
    [MemberData(nameof(Judgements))]
    public async Task Certify_OtherValidator_Decides(string answer, StatusCode code, string words)
    {
        var validator = new AnsweringTokenValidator(() => answer switch
        {
            "invalid" => TokenValidation.Invalid("torn"),
            "unauthenticated" => TokenValidation.NotAuthenticated("expired"),
            "away" => TokenValidation.Unavailable("the judge is away"),
            "other" => TokenValidation.Accept(Api),
            "user" => TokenValidation.Accept("system:serviceaccount:shop:web"),
            _ => throw new HttpRequestException("a secret"),
        });
        await using AuthorityHost host = await AuthorityHost.StartAsync(services => services.AddSingleton<ITokenValidator>(validator));

        Status status = await RefusedAsync(host, host.Request());

        Assert.Equal((code, words), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Certify_IssuerNotLoaded_IsUnavailable()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync();
        CertifyRequest request = host.Request();
        host.Services.GetRequiredService<MeshAuthority>().Dispose();

        Status status = await RefusedAsync(host, request);

        Assert.Equal((StatusCode.Unavailable, "issuer not loaded"), (status.StatusCode, status.Detail));
    }

    [Theory]
    [InlineData("192.0.2.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("127.0.0.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    public async Task Certify_Plaintext_FromThisMachineOnly(string remote, bool accepted)
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(remote: IPAddress.Parse(remote));
        if (accepted)
        {
            Assert.NotEmpty((await host.Client.CertifyAsync(host.Request(), cancellationToken: Stop)).LeafCertificate);
            return;
        }

        Status status = await RefusedAsync(host, host.Request());
        Assert.Equal(
            (StatusCode.FailedPrecondition,
            "a token must not come in plaintext from another machine: TLS or a loopback address is needed"),
            (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Certify_NoAuthority_IsUnimplemented()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(directory: false);

        Assert.Equal(StatusCode.Unimplemented, (await RefusedAsync(host, new CertifyRequest())).StatusCode);
        using HttpResponseMessage bundle = await host.DownloadAsync();
        Assert.Equal(HttpStatusCode.NotFound, bundle.StatusCode);
    }

    [Fact]
    public async Task Certify_ManyRefusals_AreLoggedTenTimes()
    {
        await using AuthorityHost host = await AuthorityHost.StartAsync(
            services => services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow)));
        for (int i = 0; i < 25; i++)
        {
            await RefusedAsync(host, new CertifyRequest());
        }

        Assert.Equal(10, host.Server.Logs.GetSnapshot().Count(record => record.Id.Name == "CertificateRefused"));
    }

    private static string Another(string whose) =>
        $"the token is that of another identity than the requested one: it is {whose}, and {AuthorityHost.Web} was asked for";

    private static void Spoil(CertifyRequest request, string what)
    {
        switch (what)
        {
            case "no identity":
                request.Identity = "";
                break;
            case "no token":
                request.Token = ByteString.Empty;
                break;
            case "no request":
                request.CertificateSigningRequest = ByteString.Empty;
                break;
            case "no name":
                request.Identity = "web\nforged";
                break;
            case "long token":
                request.Token = ByteString.CopyFrom(new byte[65537]);
                break;
            case "long request":
                request.CertificateSigningRequest = ByteString.CopyFrom(new byte[65537]);
                break;
            case "garbage":
                request.CertificateSigningRequest = ByteString.CopyFromUtf8("-----BEGIN CERTIFICATE REQUEST-----");
                break;
            case "other name":
                using (ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    request.CertificateSigningRequest = ByteString.CopyFrom(SigningRequest.Create(Api, key));
                }

                break;
            case "binary token":
                request.Token = ByteString.CopyFrom(1, 2, 3);
                break;
            case "other token":
                request.Token = ByteString.CopyFromUtf8(request.Token.ToStringUtf8()[..^1]);
                break;
        }
    }

    private static MetricCollector<long> Counter(AuthorityHost host) => new(
        host.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
        AuthorityMetrics.MeterName,
        "mesh.authority.certificates");

    private static async Task<Status> RefusedAsync(AuthorityHost host, CertifyRequest request) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await host.Client.CertifyAsync(request, cancellationToken: Stop))).Status;
}

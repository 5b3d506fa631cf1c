using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.Tests.AspNetCore.Authority;

public sealed class SigningRequestReaderTests : IDisposable
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string OneName = "there is not one subject alternative name";
    private const string MoreNames = "there is more than one subject alternative name";
    private const string OtherName = "the subject alternative name is not the identity";
    private const string OtherKind = "the subject alternative name is not a DNS name";
    private const string Subject = "the common name is neither empty nor the identity";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Problem_TheClientsOwnRequest_IsGood() => Assert.Null(Problem(SigningRequest.Create(Web, _key)));

    [Theory]
    [InlineData("CN=" + Web, null)]
    [InlineData("CN=api.shop", Subject)]
    [InlineData("O=shop", Subject)]
    [InlineData("CN=" + Web + ", O=shop", Subject)]
    public void Problem_Subject(string subject, string? expected) =>
        Assert.Equal(expected, Problem(Request(names => names.AddDnsName(Web), subject)));

    [Fact]
    public void Problem_Names_OneDnsNameThatIsTheIdentity()
    {
        Assert.Equal(OneName, Problem(new CertificateRequest("CN=" + Web, _key, HashAlgorithmName.SHA256).CreateSigningRequest()));
        Assert.Equal(OtherName, Problem(Request(names => names.AddDnsName("api.shop"))));
        Assert.Equal(OtherName, Problem(Request(names => names.AddDnsName("*.shop"))));
        Assert.Equal(MoreNames, Problem(Names(names => names.AddDnsName("api.shop"))));
        Assert.Equal(MoreNames, Problem(Names(names => names.AddUri(new Uri("spiffe://shop/api")))));
        Assert.Equal(MoreNames, Problem(Names(names => names.AddEmailAddress("web@shop.test"))));
        Assert.Equal(MoreNames, Problem(Names(names => names.AddIpAddress(System.Net.IPAddress.Loopback))));
        Assert.Equal(OtherKind, Problem(Request(names => names.AddUri(new Uri("spiffe://shop/web")))));
    }

    [Fact]
    public void Problem_Key_OnlyP256()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var other = new CertificateRequest(new X500DistinguishedName(""), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.Equal("the key is not an ECDSA key on P-256", Problem(other.CreateSigningRequest()));
        Assert.Equal("the key is not an ECDSA key on P-256", Problem(SigningRequest.Create(Web, p384)));
    }

    [Fact]
    public void Problem_SignatureOfAnotherKey()
    {
        byte[] der = SigningRequest.Create(Web, _key);
        der[^1] ^= 1;

        Assert.Equal("the signature of the request is not that of its key", Problem(der));
    }

    [Fact]
    public void TryRead_BytesBehindIt_AreRefused() => Assert.Null(SigningRequestReader.TryRead([.. SigningRequest.Create(Web, _key), 0]));

    [Fact]
    public void TryRead_Garbage_IsNone() => Gen.Byte.Array[0, 400].Sample(garbage => SigningRequestReader.TryRead(garbage) is null);

    [Fact]
    public void TryRead_AnyByteChanged_NothingIsThrownAndNothingPasses()
    {
        byte[] good = SigningRequest.Create(Web, _key);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[1, good.Length]).Sample((at, value, length) =>
        {
            byte[] changed = good[..Math.Max(length, at + 1)];
            changed[at] = value;
            CertificateRequest? read = SigningRequestReader.TryRead(changed);
            return read is null || changed.AsSpan().SequenceEqual(good)
                || SigningRequestReader.Problem(read, changed, TestCa.Id(Web)) is not null;
        });
    }

    private static string? Problem(byte[] der)
    {
        CertificateRequest? read = SigningRequestReader.TryRead(der);
        Assert.NotNull(read);
        return SigningRequestReader.Problem(read, der, TestCa.Id(Web));
    }

    private byte[] Names(Action<SubjectAlternativeNameBuilder> more) => Request(names =>
    {
        names.AddDnsName(Web);
        more(names);
    });

    private byte[] Request(Action<SubjectAlternativeNameBuilder> name, string subject = "")
    {
        var request = new CertificateRequest(subject, _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        name(names);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }
}

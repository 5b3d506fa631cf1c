using System.Text;
using Mesh.Client.Kubernetes.AspNetCore.Tokens;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class TokenGlanceTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":1800000000,"aud":["mesh.client"]}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":1799999700,"aud":["api","mesh.client"]}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":1800000000,"aud":"mesh.client"}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web"}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":"soon","aud":7}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":1e300,"aud":null}""")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","exp":-9223372036854775808}""")]
    public void In_doubt_the_server_decides(string claims) => Assert.Null(Problem(TestToken.Of("signature", claims)));

    [Theory]
    [InlineData(
        """{"sub":"system:serviceaccount:shop:web","exp":1799999699}""",
        "it has expired at 2027-01-15 07:54:59Z, now is 2027-01-15 08:00:00Z")]
    [InlineData(
        """{"sub":"system:serviceaccount:shop:web","aud":["api","b\u001bc"]}""",
        "it is not for the audience mesh.client but for api, b c")]
    [InlineData("""{"sub":"system:serviceaccount:shop:web","aud":[]}""", "it is not for the audience mesh.client but for ")]
    [InlineData("""{"sub":"jane","aud":["mesh.client"]}""", "it is not a service account's but jane's")]
    [InlineData("""{"sub":"\uD800","aud":["mesh.client"]}""", "it is not a service account's but nobody's")]
    [InlineData("{}", "it is not a service account's but nobody's")]
    [InlineData("[]", "it is no service account's token: those are JWTs")]
    [InlineData("{", "it is no service account's token: those are JWTs")]
    public void What_the_server_would_refuse_is_refused(string claims, string expected) =>
        Assert.Equal(expected, Problem(TestToken.Of("signature", claims)));

    [Theory]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("..")]
    [InlineData("a..c")]
    [InlineData("a.b")]
    [InlineData("a.e30.")]
    [InlineData(".e30.c")]
    [InlineData("a.!!!!.c")]
    [InlineData("a.b.c.d.e")]
    public void What_is_no_JWT_is_no_token(string token) =>
        Assert.Equal("it is no service account's token: those are JWTs", Problem(token));

    private static string? Problem(string token) => TokenGlance.Problem(Encoding.ASCII.GetBytes(token), TestToken.Audience, Now);
}

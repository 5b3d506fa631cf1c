using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>What the section <c>Injector</c> must not say.</summary>
public sealed class InjectorOptionsTests
{
    [Theory]
    [InlineData("ControlPlaneAddress", "mesh-control-plane:8086", "no absolute http or https address")]
    [InlineData("ControlPlaneAddress", "http://user:secret@control", "no absolute http or https address")]
    [InlineData("ControlPlaneIdentity", "a b", "'a b' is neither a DNS name nor an absolute URI")]
    [InlineData("IdentityTemplate", "{namespace}.example", "'{namespace}.example' does not begin with {serviceaccount}.{namespace}. "
        + "followed by a domain: no two service accounts may have one name")]
    [InlineData("IdentityMode", "None", "'None' is unknown; choose from Permissive, Strict")]
    [InlineData("TokenAudience", " ", "empty")]
    [InlineData("TokenLifetime", "00:05:00", "00:05:00 is not from 00:10:00 to 30.00:00:00")]
    [InlineData("TokenLifetime", "00:10:00.5", "no whole seconds")]
    [InlineData("TokenMountPath", "token", "'token' is no absolute path of a container")]
    [InlineData("TokenMountPath", "/", "'/' is no absolute path of a container")]
    [InlineData("TrustBundleMountPath", "/var/run/secrets/mesh.client/", "the same as TokenMountPath")]
    [InlineData("TrustBundleConfigMap", "a/b", "'a/b' is no name of a ConfigMap")]
    [InlineData("ServerName", "https://a", "'https://a' is no DNS name")]
    [InlineData("CertificateFile", " ", "empty; leave it out where the authority signs")]
    public async Task BadValue_IsRefusedAtTheStart(string key, string value, string problem) =>
        Assert.Equal($"Mesh:Injector:{key}: {problem}", await RefusedAsync(new() { [$"Injector:{key}"] = value }));

    [Fact]
    public async Task KeyWithoutCertificate_IsRefusedAtTheStart() => Assert.Equal(
        "Mesh:Injector:CertificateFile: missing; PrivateKeyFile is of no use without it",
        await RefusedAsync(new() { ["Injector:PrivateKeyFile"] = "tls.key" }));

    [Fact]
    public async Task UnknownKey_IsRefusedAtTheStart() => Assert.StartsWith(
        "Mesh:Injector:Audience: unknown key", await RefusedAsync(new() { ["Injector:Audience"] = "us" }), StringComparison.Ordinal);

    private static async Task<string> RefusedAsync(MeshSettings settings)
    {
        OptionsValidationException error =
            await Assert.ThrowsAsync<OptionsValidationException>(() => InjectorHost.StartAsync(settings));
        return Assert.Single(error.Failures);
    }
}

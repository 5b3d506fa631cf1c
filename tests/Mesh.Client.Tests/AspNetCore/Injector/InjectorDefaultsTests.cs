using System.Text.Json;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Injector;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>What the injector takes over from the authority and the identity of its own process.</summary>
public sealed class InjectorDefaultsTests
{
    private static readonly InjectedDefaults Authority = new(
        new("Mesh:Authority:Other:Template", "{serviceaccount}.{namespace}.id.example"),
        new("Mesh:Authority:Other:Audience", "us"),
        new("Mesh:Authority:Other:Bundle", "anchors"));

    [Fact]
    public void Nobody_SaysAnything_TheBuiltInOnesHold()
    {
        using ServiceProvider services = Services(null);

        Assert.Equal(
            ("mesh.client", "mesh-trust-bundle", new MeshInjectorOptions().IdentityTemplate), Said(Options(services)));
    }

    [Fact]
    public void Authority_SaysThem_TheyNeedNotBeSaidAgain()
    {
        using ServiceProvider services = Services(Authority);

        Assert.Equal(("us", "anchors", "{serviceaccount}.{namespace}.id.example"), Said(Options(services)));
    }

    [Fact]
    public void TheSame_MayBeSaidAgain()
    {
        using ServiceProvider services = Services(Authority, ("Injector:TokenAudience", "us"));

        Assert.Equal("us", Options(services).TokenAudience);
    }

    [Theory]
    [InlineData("IdentityTemplate", "{serviceaccount}.{namespace}.other.example", "Template", "{serviceaccount}.{namespace}.id.example")]
    [InlineData("TokenAudience", "mesh.client", "Audience", "us")]
    [InlineData("TrustBundleConfigMap", "mesh-trust-bundle", "Bundle", "anchors")]
    public void Difference_IsRefusedWithBothPlaces(string key, string value, string other, string expected)
    {
        using ServiceProvider services = Services(Authority, ($"Injector:{key}", value));

        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => Options(services));

        Assert.Equal(
            [$"Mesh:Injector:{key}: '{value}', and Mesh:Authority:Other:{other} is '{expected}': the authority would refuse the pods; "
                + "leave it out here"],
            error.Failures);
    }

    [Fact]
    public void Difference_OfCode_IsRefusedToo()
    {
        using ServiceProvider services = Services(Authority, code => code.TokenAudience = "others");

        Assert.StartsWith(
            "Mesh:Injector:TokenAudience: 'others', and Mesh:Authority:Other:Audience is 'us'",
            Assert.Single(Assert.Throws<OptionsValidationException>(() => Options(services)).Failures),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AuthorityWhoseOptionsAreRefused_SaysSoItself()
    {
        using ServiceProvider services = Services(
            _ => throw new OptionsValidationException("", typeof(MeshAuthorityOptions), ["elsewhere"]));

        Assert.Equal("mesh.client", Options(services).TokenAudience);
    }

    [Theory]
    [InlineData("/var/run/a/../b", "/c", "TokenMountPath: '/var/run/a/../b' is no absolute path of a container")]
    [InlineData("/a/b", "/a//b/", "TrustBundleMountPath: the same as TokenMountPath")]
    [InlineData("/a", "/a/b", "TrustBundleMountPath: one of '/a/b' and TokenMountPath is in the other: neither can be mounted in what is "
        + "read-only")]
    [InlineData("/a/b/c", "/a", "TrustBundleMountPath: one of '/a' and TokenMountPath is in the other: neither can be mounted in what is "
        + "read-only")]
    public void MountPaths_ThatCannotBe(string token, string trustBundle, string problem)
    {
        using ServiceProvider services =
            Services(null, ("Injector:TokenMountPath", token), ("Injector:TrustBundleMountPath", trustBundle));

        Assert.Equal([$"Mesh:Injector:{problem}"], Assert.Throws<OptionsValidationException>(() => Options(services)).Failures);
    }

    [Theory]
    [InlineData("ControlPlane", null, "control.example")]
    [InlineData("None", null, "mesh-control-plane.mesh.serviceaccount.identity.mesh.cluster.local")]
    [InlineData("ControlPlane", "other.example", "other.example")]
    public void ControlPlaneIdentity_IsThatOfTheProcess(string source, string? said, string expected)
    {
        using ServiceProvider services = Services(
            null, ("Identity:Source", source), ("Identity:Name", "control.example"), ("Injector:ControlPlaneIdentity", said));
        using JsonDocument pod = JsonDocument.Parse("""{ "metadata": { }, "spec": { "containers": [{ "name": "web" }] } }""");

        byte[] patch = services.GetRequiredService<PodInjector>().Inject(pod.RootElement, "shop").Patch;

        Assert.Contains(
            $$"""{"name":"Mesh__ControlPlane__Identity","value":"{{expected}}"}""",
            System.Text.Encoding.UTF8.GetString(patch),
            StringComparison.Ordinal);
    }

    private static MeshInjectorOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<MeshInjectorOptions>>().Value;

    private static (string, string, string) Said(MeshInjectorOptions options) =>
        (options.TokenAudience, options.TrustBundleConfigMap, options.IdentityTemplate);

    private static ServiceProvider Services(InjectedDefaults? authority, params (string Key, string? Value)[] settings) =>
        Services(_ => authority!, null, settings);

    private static ServiceProvider Services(InjectedDefaults authority, Action<MeshInjectorOptions> code) => Services(_ => authority, code);

    private static ServiceProvider Services(
        Func<IServiceProvider, InjectedDefaults> authority,
        Action<MeshInjectorOptions>? code = null,
        params (string Key, string? Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(pair => KeyValuePair.Create($"Mesh:{pair.Key}", pair.Value))).Build();
        IServiceCollection services = new ServiceCollection().AddLogging().AddSingleton(authority);
        if (code is not null)
        {
            services.Configure(code);
        }

        return services.AddMeshControlPlane(configuration.GetSection("Mesh")).BuildServiceProvider();
    }
}

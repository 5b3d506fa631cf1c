using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Discovery.Configuration.Writing;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.AspNetCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class OptionsTests
{
    private const string Path = "Mesh:Authority:Kubernetes";

    [Fact]
    public void The_section_sets_what_it_says()
    {
        using ServiceProvider services = Services(
            ($"{Path}:Audience", "ours"),
            ($"{Path}:MakeIssuer", "false"),
            ($"{Path}:InjectorWebhook", ""),
            ($"{Path}:AnchorLead", "00:00:00"));

        MeshKubernetesAuthorityOptions options = Options(services);

        Assert.Equal(
            ("ours", false, "", TimeSpan.Zero),
            (options.Audience, options.MakeIssuer, options.InjectorWebhook, options.AnchorLead));
        Assert.Equal("mesh-issuer", options.IssuerSecret);
        Assert.Equal("Secret mesh/mesh-issuer", services.GetRequiredService<MeshAuthority>().State.Source);
    }

    [Theory]
    [InlineData("Audiense", "x", $"{Path}:Audiense: unknown key; did you mean Audience?")]
    [InlineData("Audience", "", $"{Path}:Audience: empty")]
    [InlineData("IssuerSecret", "A", $"{Path}:IssuerSecret: 'A' is no name of an object in Kubernetes")]
    [InlineData("TrustBundle", "", $"{Path}:TrustBundle: '' is no name")]
    [InlineData("Namespace", "a b", $"{Path}:Namespace: 'a b' is no name")]
    [InlineData("IdentityTemplate", "{namespace}.mesh", $"{Path}:IdentityTemplate: '{{namespace}}.mesh' does not begin with")]
    [InlineData("AnchorOverlap", "1.00:03:19", $"{Path}:AnchorOverlap: 1.00:03:19 is not from 1.00:03:20")]
    [InlineData("AnchorLead", "02:00:00", $"{Path}:AnchorLead: 02:00:00 is not from 00:00:00 to 01:00:00")]
    [InlineData("MaxTokenReviews", "0", $"{Path}:MaxTokenReviews: 0 is not from 1 to 1000")]
    [InlineData("TokenReviewTimeout", "00:00:00", $"{Path}:TokenReviewTimeout: 00:00:00 is not above zero")]
    public void What_is_wrong_is_refused_with_its_path(string key, string value, string expected)
    {
        using ServiceProvider services = Services(($"{Path}:{key}", value));

        Assert.Contains(
            Assert.Throws<OptionsValidationException>(() => Options(services)).Failures,
            failure => failure.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_besides_is_refused()
    {
        using ServiceProvider services = Services(("Mesh:Authority:Directory", "/ca"));

        Assert.StartsWith(
            $"{Path}: the issuer is read from a Secret, and Mesh:Authority:Directory names another",
            Assert.Throws<OptionsValidationException>(() => Options(services)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_is_not_enabled_a_directory_serves()
    {
        using ServiceProvider services = Services(
            ($"{Path}:Enabled", "false"), ("Mesh:Authority:Directory", "/ca"), ("Mesh:Kubernetes:Enabled", "false"));

        Assert.False(Options(services).Enabled);
        Assert.Equal("directory /ca", services.GetRequiredService<MeshAuthority>().State.Source);
        Assert.IsType<DevelopmentTokenValidator>(services.GetRequiredService<ITokenValidator>());
    }

    [Fact]
    public void Every_setting_is_shown_on_the_status_page()
    {
        using ServiceProvider services = Services(($"{Path}:Audience", "ours"));

        SettingsPlace place = Assert.Single(SettingsPlaces.Of(services, policy: null), place => place.Path() == Path);

        IReadOnlyList<Setting> shown = place.InForce().All;
        string[] all = [.. typeof(MeshKubernetesAuthorityOptions).GetProperties().Select(property => property.Name)
            .Where(name => name != nameof(MeshKubernetesAuthorityOptions.Namespace))];
        Assert.Equal(all.Order(), shown.Select(setting => setting.Path).Order());
        Assert.Equal("Audience", Assert.Single(shown, setting => !setting.IsBuiltIn).Path);
        Assert.Equal($"{Path}", Assert.Single(place.Sections).Path);
    }

    private static MeshKubernetesAuthorityOptions Options(ServiceProvider services) =>
        services.GetRequiredService<IOptions<MeshKubernetesAuthorityOptions>>().Value;

    private static ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Prepend(("Mesh:Namespace", "mesh")).Select(pair => KeyValuePair.Create(pair.Item1, (string?)pair.Item2))).Build();
        return new ServiceCollection()
            .AddMeshControlPlane(configuration.GetSection("Mesh"))
            .AddKubernetesAuthority()
            .Configure<MeshKubernetesOptions>(options => options.Configuration = new() { Host = "https://127.0.0.1:6443" })
            .BuildServiceProvider();
    }
}

using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Linkerd;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class LinkerdOptionsTests
{
    private static readonly Dictionary<string, string> Pod = new()
    {
        ["POD_NAMESPACE"] = "shop",
        ["POD_NAME"] = "web-1",
        ["NODE_NAME"] = "node-1",
        ["POD_SERVICE_ACCOUNT"] = "web",
    };

    [Fact]
    public void AddLinkerd_Alone_IsWhatTheChartInstalls()
    {
        MeshClientOptions options = Read(mesh => mesh.AddLinkerd(), Pod);

        Assert.Equal("shop", options.Namespace);
        Assert.Equal("http://linkerd-dst-headless.linkerd.svc.cluster.local:8086/", $"{options.Linkerd.Destination.Address}");
        Assert.Equal("linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local", options.Linkerd.Destination.Identity);
        Assert.Equal("http://linkerd-policy.linkerd.svc.cluster.local:8090/", $"{options.Linkerd.Policy.Address}");
        Assert.Equal(options.Linkerd.Destination.Identity, options.Linkerd.Policy.Identity);
        Assert.Equal("http://linkerd-identity-headless.linkerd.svc.cluster.local:8080/", $"{options.Linkerd.Identity.Address}");
        Assert.Equal("linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local", options.Linkerd.Identity.Identity);
        Assert.Equal(MeshIdentitySource.Linkerd, options.Identity.Source);
        Assert.Equal("web.shop.serviceaccount.identity.linkerd.cluster.local", options.Identity.Name);
        Assert.Equal("/var/run/secrets/tokens/linkerd-identity-token", options.Identity.TokenFile);
        Assert.Equal("/var/run/linkerd/trust-roots/ca-bundle.crt", options.Identity.TrustBundle);

        LinkerdSetup setup = LinkerdSetup.Of(options);
        Assert.Equal("""{"ns":"shop","nodeName":"node-1","pod":"web-1"}""", setup.ContextToken);
        Assert.Equal("""{"ns":"shop","pod":"web-1"}""", setup.SourceWorkload);
    }

    [Fact]
    public void Section_Overrides_EveryDefault()
    {
        MeshClientOptions options = Read(
            _ => { },
            Pod,
            ("Namespace", "other"), ("ClusterDomain", "example.org"), ("Linkerd:Enabled", "true"), ("Linkerd:ControlPlaneNamespace", "l5d"),
            ("Linkerd:TrustDomain", "trust.example"), ("Linkerd:ServiceAccount", "api"), ("Identity:TokenFile", "/t"),
            ("Linkerd:Policy:Address", "http://10.0.0.1:1"));

        Assert.Equal("http://linkerd-dst-headless.l5d.svc.example.org:8086/", $"{options.Linkerd.Destination.Address}");
        Assert.Equal("linkerd-destination.l5d.serviceaccount.identity.l5d.trust.example", options.Linkerd.Destination.Identity);
        Assert.Equal("api.other.serviceaccount.identity.l5d.trust.example", options.Identity.Name);
        Assert.Equal("/t", options.Identity.TokenFile);
        Assert.Null(options.Linkerd.Policy.Identity);
    }

    [Fact]
    public void PlainAddresses_AreAMeshWithoutTls()
    {
        MeshClientOptions options = Read(
            mesh => mesh.AddLinkerd(linkerd =>
            {
                linkerd.Destination.Address = new Uri("http://127.0.0.1:8086");
                linkerd.Policy.Address = new Uri("http://127.0.0.1:8090");
            }),
            []);

        Assert.Equal(MeshIdentitySource.None, options.Identity.Source);
        Assert.Null(options.Linkerd.Destination.Identity);
    }

    // At Linkerd's own addresses too, if that is what is said.
    [Theory]
    [InlineData("None", MeshIdentitySource.None)]
    [InlineData(null, MeshIdentitySource.Linkerd)]
    public void SourceNone_IsHonoured_WhereItIsSaid(string? source, MeshIdentitySource expected)
    {
        MeshClientOptions options = Read(_ => { }, Pod, ("Linkerd:Enabled", "true"), ("Identity:Source", source));

        Assert.Equal(expected, options.Identity.Source);
        Assert.Equal(source is null, options.Linkerd.Destination.Identity is not null);
        Assert.NotNull(options.Linkerd.Destination.Address);
    }

    [Fact]
    public void Mistakes_ComeAllAtOnceWithTheirPaths()
    {
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => Read(
            _ => { },
            [],
            ("Linkerd:Enabled", "true"), ("Linkerd:Destinaton", "x"), ("Linkerd:Policy:Address", "ftp://x"),
            ("Linkerd:ControlPlaneNamespace", "a_b")));

        Assert.Contains(error.Failures, problem => problem.StartsWith("Mesh:Linkerd:Destinaton: unknown key", StringComparison.Ordinal));
        Assert.Contains(error.Failures, problem => problem.StartsWith("Mesh:Linkerd:Policy:Address: ", StringComparison.Ordinal));
        Assert.Contains(error.Failures, problem => problem.StartsWith("Mesh:Linkerd:ControlPlaneNamespace: ", StringComparison.Ordinal));
        Assert.Contains(error.Failures, problem => problem.Contains("POD_SERVICE_ACCOUNT", StringComparison.Ordinal));
    }

    [Fact]
    public void NotEnabled_NothingIsRead()
    {
        MeshClientOptions options = Read(_ => { }, Pod, ("Linkerd:ServiceAccount", "web"));

        Assert.Equal("default", options.Namespace);
        Assert.Null(options.Linkerd.Destination.Address);
        Assert.Equal(MeshIdentitySource.None, options.Identity.Source);
    }

    private static MeshClientOptions Read(
        Action<IMeshClientBuilder> configure, Dictionary<string, string> variables, params (string Key, string? Value)[] settings)
    {
        IConfigurationRoot root = TestMesh.Pairs([.. settings.Select(setting => ($"Mesh:{setting.Key}", setting.Value))]);
        IMeshClientBuilder builder = new ServiceCollection()
            .AddSingleton(new LinkerdEnvironment(name => variables.GetValueOrDefault(name), "/nowhere/namespace"))
            .AddMeshClient(root.GetSection("Mesh"));
        configure(builder);
        using ServiceProvider services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<MeshConfiguration>().Current;
    }
}

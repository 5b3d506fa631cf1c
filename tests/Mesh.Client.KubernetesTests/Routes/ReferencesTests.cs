using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.KubernetesTests.Routes.Hosting;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>What must be watched to read a policy.</summary>
public sealed class ReferencesTests
{
    private const string Backends = """
        filters: [ { type: RequestMirror, requestMirror: { backendRef: { name: copies, port: 1 } } } ]
        backendRefs:
        - { name: catalog, port: 80 }
        - { name: catalog, port: 81 }
        - { name: canary, port: 80 }
        - { name: canary, port: 80, weight: 5 }
        - { name: nowhere }
        - { name: other, namespace: elsewhere, port: 80,
            filters: [ { type: RequestMirror, requestMirror: { backendRef: { name: more, namespace: third, port: 2 } } } ] }
        """;

    private static readonly BackendName[] Named =
    [
        new("elsewhere", "other", 80), new("shop", "canary", 80), new("shop", "catalog", 81), new("shop", "copies", 1),
        new("third", "more", 2),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_Service_once_without_the_service_itself_and_namespaces_where_grants_are_required(bool required)
    {
        RouteReferences references = TrafficPolicyReader.References(Scope(Http(Backends)) with { RequireGrants = required });

        Assert.Equal(Named, references.Services.OrderBy(name => $"{name.Namespace}/{name.Name}", StringComparer.Ordinal));
        Assert.Equal(required ? ["elsewhere", "third"] : [], references.GrantNamespaces.Order());
    }

    [Fact]
    public void Routes_that_are_not_for_the_caller_name_nothing() => Assert.Empty(
        TrafficPolicyReader.References(Scope(Http(Backends, space: "web"))).Services);

    [Fact]
    public void Reading_asks_for_nothing_else()
    {
        RouteScope scope = Scope(Http(Backends)) with { RequireGrants = true };
        var services = new HashSet<BackendName>();
        var namespaces = new HashSet<string>();

        TrafficPolicyReader.Read(scope with
        {
            Backend = name =>
            {
                services.Add(name);
                return BackendAnswer.Known;
            },
            Grants = space =>
            {
                namespaces.Add(space);
                return [];
            },
        });

        RouteReferences references = TrafficPolicyReader.References(scope);
        Assert.Subset(references.Services.ToHashSet(), services);
        Assert.Subset(references.GrantNamespaces.ToHashSet(), namespaces);
        Assert.NotEmpty(services);
        Assert.NotEmpty(namespaces);
    }

    private static RouteScope Scope(string yaml) => Manifests.Read(yaml).Scope() with
    {
        Backend = _ => throw new InvalidOperationException("asked"),
        Grants = _ => throw new InvalidOperationException("asked"),
    };
}

using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.KubernetesTests.Watching;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("kubernetes.io/service-name=catalog", null, true)]
    [InlineData("kubernetes.io/service-name==catalog", "", true)]
    [InlineData("kubernetes.io/service-name=cart", null, false)]
    [InlineData("kubernetes.io/service-name=catalog,zone=a", null, false)]
    [InlineData(null, "metadata.name=a", true)]
    [InlineData(null, "metadata.name=b", false)]
    [InlineData("kubernetes.io/service-name=catalog", "metadata.name=b", false)]
    [InlineData(null, null, true)]
    public void Equality_is_followed_here(string? labels, string? fields, bool selects) =>
        Assert.Equal(selects, Selector.Of(labels, fields)!.Selects(Reading.Slice("a")));

    [Theory]
    [InlineData("a!=b", null)]
    [InlineData("a in (b)", null)]
    [InlineData("a in (b,c)", null)]
    [InlineData("a", null)]
    [InlineData("!a", null)]
    [InlineData("=b", null)]
    [InlineData(null, "spec.type=ClusterIP")]
    [InlineData(null, "metadata.name!=a")]
    [InlineData(null, "metadata.name=a,metadata.namespace=b")]
    public void The_rest_is_left_to_the_server(string? labels, string? fields) => Assert.Null(Selector.Of(labels, fields));

    [Fact]
    public void An_object_without_labels_has_none() =>
        Assert.False(Selector.Of("a=b", null)!.Selects(new V1Service { Metadata = new V1ObjectMeta { Name = "a" } }));
}

using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class ResourceTypesTests
{
    [Fact]
    public void Of_a_pod_stays_what_says_who_it_is()
    {
        V1Pod pod = Given.Pod(
            "p", "account", [("linkerd.io/control-plane-ns", "linkerd")], [("mesh.client/identity", "a.b"), ("big", "text")]);
        pod.Status = new V1PodStatus { PodIP = "10.1.0.1" };
        pod.Metadata.ManagedFields = [new V1ManagedFieldsEntry()];
        pod.Spec.Containers =
        [
            new V1Container { Name = "app", Image = "large" },
            new V1Container
            {
                Name = "linkerd-proxy",
                Image = "large",
                Env = [new V1EnvVar { Name = "SECRET" }, new V1EnvVar { Name = "LINKERD2_PROXY_INBOUND_LISTEN_ADDR", Value = "0.0.0.0:4999" }],
            },
        ];
        ResourceTypes.Pods.Trim!(pod);
        Assert.Equal((null, null), (pod.Status, pod.Metadata.ManagedFields));
        Assert.Equal(["mesh.client/identity"], pod.Metadata.Annotations.Keys);
        Assert.Equal("account", pod.Spec.ServiceAccountName);
        V1Container proxy = Assert.Single(pod.Spec.Containers);
        Assert.Equal(("linkerd-proxy", null, 1), (proxy.Name, proxy.Image, proxy.Env.Count));
        Assert.Equal(4999, LinkerdPod.InboundPort(pod));

        // Selectors are followed here too.
        Assert.Equal(["app", "linkerd.io/control-plane-ns"], pod.Metadata.Labels.Keys.Order());
    }

    [Fact]
    public void Of_Services_and_slices_stays_what_is_read()
    {
        V1Service service = Given.Service().Annotated("mesh.client/identity", "a.b")
            .Annotated("kubectl.kubernetes.io/last-applied-configuration", "{}");
        ResourceTypes.Services.Trim!(service);
        Assert.Equal(["mesh.client/identity"], service.Metadata.Annotations.Keys);

        V1EndpointSlice slice = Given.Slice("a", Given.Endpoint("10.1.0.1").At("zone", "node", "p", "p-0").For(["zone"]));
        ServiceEndpoints before = ServiceEndpoints.Read(Given.View(service, slice));
        ResourceTypes.Slices.Trim!(slice);
        Assert.Equal(before.Set, ServiceEndpoints.Read(Given.View(service, slice)).Set);
    }

    [Fact]
    public void What_has_nothing_is_trimmed_too()
    {
        ResourceTypes.Pods.Trim!(new V1Pod());
        ResourceTypes.Services.Trim!(new V1Service());
        ResourceTypes.Slices.Trim!(new V1EndpointSlice());
        ServiceImport.Type.Trim!(new ServiceImport { Metadata = null! });
    }
}

using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Endpoints;

namespace Mesh.Client.KubernetesTests.Source;

public sealed class KeptPodsTests
{
    private readonly KeptPods _pods = new();

    [Fact]
    public void A_change_of_what_nobody_reads_is_none()
    {
        ImmutableDictionary<string, V1Pod> kept = _pods.Keep(All(Given.Pod("a"), Given.Pod("b")));
        V1Pod again = Given.Pod("a", labels: [("version", "2")]);
        again.Metadata.ResourceVersion = "7";
        Assert.Same(kept, _pods.Keep(All(again, Given.Pod("b"))));
    }

    [Fact]
    public void What_is_read_is_a_change_and_the_others_stay()
    {
        ImmutableDictionary<string, V1Pod> kept = _pods.Keep(All(Given.Pod("a"), Given.Pod("b")));
        V1Pod[] changed =
        [
            Given.Pod("a", account: "other"),
            Given.Pod("a", labels: [("linkerd.io/control-plane-ns", "linkerd")]),
            Given.Pod("a", annotations: [("mesh.client/identity", "x")]),
            Given.Pod("a", annotations: [("mesh.client/framing", "x")]),
            Given.Pod("a", annotations: [("config.linkerd.io/opaque-ports", "1")]),
            Given.Pod("a", annotations: [("config.linkerd.io/skip-inbound-ports", "1")]),
            Proxied(),
        ];
        foreach (V1Pod pod in changed)
        {
            ImmutableDictionary<string, V1Pod> next = _pods.Keep(All(pod, Given.Pod("b")));
            Assert.Same(pod, next["a"]);
            Assert.Same(kept["b"], next["b"]);
        }
    }

    [Fact]
    public void They_come_and_go()
    {
        _pods.Keep(All(Given.Pod("a"), Given.Pod("b")));
        Assert.Equal(["b", "c"], _pods.Keep(All(Given.Pod("b"), Given.Pod("c"))).Keys.Order());
        Assert.Empty(_pods.Keep(All()));
        Assert.Equal(["a"], _pods.Keep(All(Given.Pod("a"))).Keys);
    }

    private static V1Pod Proxied()
    {
        V1Pod pod = Given.Pod("a");
        pod.Spec.Containers =
        [
            new V1Container
            {
                Name = "linkerd-proxy",
                Env = [new V1EnvVar { Name = "LINKERD2_PROXY_INBOUND_LISTEN_ADDR", Value = "0.0.0.0:4999" }],
            },
        ];
        return pod;
    }

    private static ImmutableDictionary<string, V1Pod> All(params V1Pod[] pods) => pods.ToImmutableDictionary(pod => pod.Metadata.Name);
}

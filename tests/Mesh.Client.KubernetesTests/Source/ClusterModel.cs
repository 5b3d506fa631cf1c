using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>The objects about <c>shop/catalog</c> at a server, and what they come to, read all at once and without a memory.</summary>
internal sealed class ClusterModel(FaultServer server)
{
    private readonly Dictionary<string, V1Service> _services = [];
    private readonly Dictionary<string, V1EndpointSlice> _slices = [];
    private readonly Dictionary<string, V1Pod> _pods = [];
    private readonly Dictionary<string, HttpRoute> _routes = [];

    public void Put(V1Service service)
    {
        _services[service.Metadata.Name] = service;
        server.Set(ResourceTypes.Services, service);
    }

    public void Put(V1EndpointSlice slice)
    {
        _slices[slice.Metadata.Name] = slice;
        server.Set(ResourceTypes.Slices, slice);
    }

    public void Put(V1Pod pod)
    {
        _pods[pod.Metadata.Name] = pod;
        server.Set(ResourceTypes.Pods, pod);
    }

    public void Play(ClusterChange change, int number)
    {
        string pod = $"p-{number % 6}";
        switch (change)
        {
            case ClusterChange.Slice:
                Put(Slice(number));
                break;
            case ClusterChange.NoSlice when _slices.Remove($"s-{number % 4}"):
                server.Delete(ResourceTypes.Slices, "shop", $"s-{number % 4}");
                break;
            case ClusterChange.Pod:
                Put(Pod(pod, number));
                break;
            case ClusterChange.NoPod when _pods.Remove(pod):
                server.Delete(ResourceTypes.Pods, "shop", pod);
                break;
            case ClusterChange.Service:
                Put(Service(number));
                break;
            case ClusterChange.NoService when _services.Remove("catalog"):
                server.Delete(ResourceTypes.Services, "shop", "catalog");
                break;
            case ClusterChange.Route:
                HttpRoute route = Route($"r-{number % 2}", $"b-{number % 3}");
                _routes[route.Metadata.Name] = route;
                server.Set(HttpRoute.Type, route);
                break;
            case ClusterChange.NoRoute when _routes.Remove($"r-{number % 2}"):
                server.Delete(HttpRoute.Type, "shop", $"r-{number % 2}");
                break;
            case ClusterChange.Backend:
                V1Service backend = Given.Service();
                backend.Metadata.Name = $"b-{number % 3}";
                Put(backend);
                break;
            case ClusterChange.NoBackend when _services.Remove($"b-{number % 3}"):
                server.Delete(ResourceTypes.Services, "shop", $"b-{number % 3}");
                break;
        }
    }

    public ServiceView View(KubernetesSetup setup)
    {
        V1Service? service = _services.GetValueOrDefault("catalog");
        return Given.View(service, [.. _slices.Values]) with
        {
            Pods = _pods.Values.Where(pod => service is not null && IsRead(pod, service)).ToDictionary(pod => pod.Metadata.Name),
            Linkerd = setup.Linkerd,
            Place = setup.Place,
        };
    }

    public EndpointSet Fold(KubernetesSetup setup)
    {
        ServiceView view = View(setup);
        ServiceEndpoints endpoints = ServiceEndpoints.Read(view);
        if (endpoints.Set.Status is not EndpointSetStatus.Known)
        {
            return endpoints.Set;
        }

        TrafficPolicy policy = TrafficPolicyReader.Read(new RouteScope
        {
            Service = view.Service,
            ServiceNamespace = "shop",
            ServiceObjectName = "catalog",
            Object = view.Object,
            CallerNamespace = setup.Namespace,
            ClusterDomain = setup.ClusterDomain,
            HttpRoutes = [.. _routes.Values],
            Backend = name => _services.ContainsKey(name.Name) ? BackendAnswer.Known : BackendAnswer.Missing,
        });
        return endpoints.Set with { Policy = policy with { Problems = [.. endpoints.Problems, .. policy.Problems] } };
    }

    // Where the selector does not cover what slices name, all of the namespace's are read.
    private bool IsRead(V1Pod pod, V1Service service) =>
        service.Spec.Selector is not { } selector
        || selector.All(label => pod.Metadata.Labels.TryGetValue(label.Key, out string? value) && value == label.Value)
        || _slices.Values.Any(slice => slice.Endpoints.Any(endpoint => endpoint.TargetRef?.Name == pod.Metadata.Name));

    private static V1EndpointSlice Slice(int number) => Given.Slice(
        $"s-{number % 4}",
        [
            .. Enumerable.Range(0, number % 5).Select(i => Given.Endpoint($"10.0.0.{(number + i) % 12}", ready: (number + i) % 7 != 0)
                .At((number + i) % 2 == 0 ? "a" : "b", $"n{i}", (number + i) % 9 == 0 ? null : $"p-{(number + i) % 6}")),
        ]);

    private static V1Pod Pod(string name, int number)
    {
        V1Pod pod = Given.Pod(
            name,
            account: $"account-{number % 2}",
            labels: number % 3 == 0 ? [("linkerd.io/control-plane-ns", "linkerd")] : [],
            annotations: (number % 5) switch
            {
                0 => [("mesh.client/identity", "{serviceaccount}.{namespace}.mesh")],
                1 => [("mesh.client/framing", "Plaintext")],
                2 => [("mesh.client/identity", "fixed")],
                _ => [],
            });
        if (number % 11 == 0)
        {
            pod.Metadata.Labels["app"] = "other";
        }

        return pod;
    }

    private static V1Service Service(int number)
    {
        V1Service service = Given.Service();
        if (number % 3 == 0)
        {
            service.Annotated("mesh.client/identity", "catalog.mesh");
        }

        if (number % 4 == 0)
        {
            service.Annotated("timeout.linkerd.io/request", "5s");
        }

        if (number % 5 == 0)
        {
            service.Spec.Selector = null;
        }

        return service;
    }

    private static HttpRoute Route(string name, string backend) => KubernetesJson.Deserialize<HttpRoute>(
        $$"""
        {
          "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
          "metadata": { "name": "{{name}}", "namespace": "shop" },
          "spec": {
            "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog" } ],
            "rules": [ { "backendRefs": [ { "name": "{{backend}}", "port": 80 } ] } ]
          }
        }
        """);
}

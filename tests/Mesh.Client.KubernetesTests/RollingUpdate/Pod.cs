using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.KubernetesTests.Endpoints;

namespace Mesh.Client.KubernetesTests.RollingUpdate;

/// <summary>A pod as its slice tells of it, and the process that runs in it.</summary>
internal sealed class Pod(string name, string address, bool isNew)
{
    public string Address => address;

    public string Name => name;

    /// <summary>Of the version that is rolled out.</summary>
    public bool IsNew => isNew;

    public bool IsReady { get; set; }

    public bool IsTerminating { get; set; }

    public TestNodeProcess? Process { get; set; }

    /// <summary>As the EndpointSlice controller writes it: who terminates serves as long as it is ready, and is ready no longer.</summary>
    public V1Endpoint Endpoint => Given
        .Endpoint(address, ready: IsReady && !IsTerminating, serving: IsReady, terminating: IsTerminating)
        .At(pod: name);
}

using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>Services by name, for routes that lead to them.</summary>
internal interface IBackendServices
{
    /// <summary>The service of this name, which is watched and not dropped until it was returned as often.</summary>
    ServiceRuntime Lease(ServiceName name);

    /// <summary>Takes back one lease.</summary>
    void Return(ServiceName name);
}

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>What can happen to the objects of a cluster.</summary>
internal enum ClusterChange
{
    Slice,
    NoSlice,
    Pod,
    NoPod,
    Service,
    NoService,
    Route,
    NoRoute,
    Backend,
    NoBackend,
    Settle,
}

using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Runtime;

/// <summary>A mirror filter, and the service that gets the copies.</summary>
internal sealed class MirrorPlan(MirrorFilter filter)
{
    public MirrorFilter Filter { get; } = filter;

    public LeasedService Target { get; } = new(filter.Service);
}

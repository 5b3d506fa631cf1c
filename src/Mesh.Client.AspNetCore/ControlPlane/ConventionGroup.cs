using Microsoft.AspNetCore.Builder;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Conventions that hold for several endpoints at once.</summary>
internal sealed class ConventionGroup(params IEndpointConventionBuilder[] builders) : IEndpointConventionBuilder
{
    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (IEndpointConventionBuilder builder in builders)
        {
            builder.Add(convention);
        }
    }

    public void Finally(Action<EndpointBuilder> finallyConvention)
    {
        foreach (IEndpointConventionBuilder builder in builders)
        {
            builder.Finally(finallyConvention);
        }
    }
}

using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>What <c>AddMeshClient</c> returns: sources and credentials are added to it by extension methods.</summary>
public interface IMeshClientBuilder
{
    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}

using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Runtime;

internal sealed record MeshClientBuilder(IServiceCollection Services) : IMeshClientBuilder;

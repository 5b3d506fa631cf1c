using Mesh.Client.Runtime;
using Microsoft.Extensions.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives clients to the mesh.</summary>
public static class MeshHttpClientBuilderExtensions
{
    /// <summary>
    /// Makes the mesh this client's primary handler, for named, typed and gRPC-factory clients alike; the primary that was configured
    /// serves hosts that are not the mesh's. Inside <c>ConfigureHttpClientDefaults</c> it applies to every client, and only names that
    /// look like a service's (single labels, <c>*.svc</c>, configured names and <c>Mesh:Domains</c>) are the mesh's.
    /// </summary>
    public static IHttpClientBuilder UseMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(service => service.ImplementationType == typeof(MeshHandlerFilter)))
        {
            // The first filter is the outermost: what it does after the others have run is done last.
            builder.Services.Insert(0, ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, MeshHandlerFilter>());
        }

        // ConfigureHttpClientDefaults hands out a builder without a name.
        if (builder.Name is { } name)
        {
            builder.Services.Configure<MeshHttpClientOptions>(name, options => options.Scope = MeshScope.Client);
        }
        else
        {
            builder.Services.ConfigureAll<MeshHttpClientOptions>(options => options.Scope ??= MeshScope.Defaults);
        }

        return builder;
    }
}

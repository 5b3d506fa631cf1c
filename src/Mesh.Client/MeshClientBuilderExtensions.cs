using Mesh.Client.Runtime;

namespace Mesh.Client;

/// <summary>Sources of endpoints.</summary>
public static class MeshClientBuilderExtensions
{
    /// <summary>
    /// Asks a control plane that speaks <c>io.linkerd.proxy.destination</c>, after the sources that were added before.
    /// The same as <c>Mesh:ControlPlane:Address</c> in configuration, which is asked first.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="address">An absolute http address (HTTP/2 by prior knowledge) or https address.</param>
    public static IMeshClientBuilder AddControlPlane(this IMeshClientBuilder builder, Uri address)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' is not an absolute http or https address.", nameof(address));
        }

        MeshClientServices.AddControlPlane(builder.Services, address);
        return builder;
    }
}

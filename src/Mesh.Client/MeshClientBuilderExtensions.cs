using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>Sources of endpoints, and of this process's identity.</summary>
public static class MeshClientBuilderExtensions
{
    /// <summary>
    /// Asks a control plane that speaks <c>io.linkerd.proxy.destination</c>, after the sources that were added before.
    /// The same as <c>Mesh:ControlPlane:Address</c> in configuration, which is asked first.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="address">An absolute http address (HTTP/2 by prior knowledge) or https address.</param>
    /// <param name="identity">
    /// Whom to expect there, as <see cref="MeshControlPlaneOptions.Identity"/>; null for a connection without mutual TLS.
    /// </param>
    /// <exception cref="ArgumentException">One of the two is of no use.</exception>
    public static IMeshClientBuilder AddControlPlane(this IMeshClientBuilder builder, Uri address, string? identity = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{ControlPlaneAddress.Text(address)}' is not an absolute http or https address.", nameof(address));
        }

        WorkloadIdentity? peer = null;
        if (identity is not null && !WorkloadIdentity.TryParse(identity, out peer))
        {
            throw new ArgumentException($"'{identity}' is neither a DNS name nor an absolute URI.", nameof(identity));
        }

        MeshClientServices.AddControlPlane(builder.Services, address, peer);
        return builder;
    }

    /// <summary>
    /// Asks a Linkerd control plane for endpoints, policies and profiles, after the sources that were added before, and for this process's
    /// certificates unless <see cref="MeshIdentityOptions.Source"/> names another source. The same as <c>Mesh:Linkerd:Enabled</c> in
    /// configuration, which is asked right after <c>Mesh:ControlPlane</c>. Calling it again adds settings.
    /// </summary>
    /// <remarks><inheritdoc cref="MeshLinkerdOptions" path="/remarks"/></remarks>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">Stands over the section <c>Mesh:Linkerd</c>; null leaves everything to it and to the defaults.</param>
    public static IMeshClientBuilder AddLinkerd(this IMeshClientBuilder builder, Action<MeshLinkerdOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MeshClientServices.AddLinkerd(builder.Services, configure);
        return builder;
    }

    /// <summary>
    /// Asks the application's providers of Microsoft.Extensions.ServiceDiscovery (configuration, DNS, DNS SRV, third parties'), after the
    /// sources that were added before. Calling it again changes nothing.
    /// </summary>
    /// <remarks>
    /// The application registers the providers: <c>services.AddServiceDiscoveryCore()</c> and then, in the order in which they are to be
    /// asked, <c>AddConfigurationServiceEndpointProvider()</c>, <c>AddDnsSrvServiceEndpointProvider()</c> and so on, or
    /// <c>services.AddServiceDiscovery()</c>, whose pass-through provider is left out. They are asked for the shortest form of a
    /// service's name first: <c>catalog</c>, <c>catalog.shop</c>, then <c>catalog.shop.svc.cluster.local</c>. At port 443 https endpoints
    /// come before http ones, at any other port after them. A name that no provider has endpoints for is asked of the next source; a
    /// provider that fails leaves the last state as it is. An endpoint's <c>Features</c> may hold <see cref="MeshEndpointOptions"/>:
    /// everything but the address is used. An https endpoint is called over TLS or not at all.
    /// </remarks>
    /// <param name="builder">The mesh.</param>
    public static IMeshClientBuilder AddServiceDiscoveryProviders(this IMeshClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MeshClientServices.AddServiceDiscoveryProviders(builder.Services);
        return builder;
    }

    /// <summary>
    /// Takes certificate, key and anchors from PEM files whose content is watched; the same as <c>Mesh:Identity:Source: Files</c>.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="certificateFile">The certificate, then its intermediates.</param>
    /// <param name="privateKeyFile">The certificate's key.</param>
    /// <param name="trustBundle">The anchors: a file, or a directory of files.</param>
    public static IMeshClientBuilder AddCertificateFiles(
        this IMeshClientBuilder builder, string certificateFile, string privateKeyFile, string trustBundle)
    {
        ArgumentNullException.ThrowIfNull(certificateFile);
        ArgumentNullException.ThrowIfNull(privateKeyFile);
        ArgumentNullException.ThrowIfNull(trustBundle);
        return Identify(builder, identity =>
        {
            identity.Source = MeshIdentitySource.Files;
            identity.CertificateFile = certificateFile;
            identity.PrivateKeyFile = privateKeyFile;
            identity.TrustBundle = trustBundle;
        });
    }

    /// <summary>
    /// Asks the control plane of <c>Mesh:ControlPlane</c> for certificates; the same as <c>Mesh:Identity:Source: ControlPlane</c>.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="name">The identity to ask for, a DNS name.</param>
    /// <param name="tokenFile">Holds the token that shows who this process is.</param>
    /// <param name="trustBundle">The anchors: a file, or a directory of files.</param>
    public static IMeshClientBuilder AddControlPlaneIdentity(
        this IMeshClientBuilder builder, string name, string tokenFile, string trustBundle)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tokenFile);
        ArgumentNullException.ThrowIfNull(trustBundle);
        return Identify(builder, identity =>
        {
            identity.Source = MeshIdentitySource.ControlPlane;
            identity.Name = name;
            identity.TokenFile = tokenFile;
            identity.TrustBundle = trustBundle;
        });
    }

    /// <summary>
    /// Takes certificate, key and anchors from the SPIFFE Workload API on this machine; the same as <c>Mesh:Identity:Source: Spiffe</c>.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="socket">The agent's socket, <c>unix:///…</c>; null takes <c>SPIFFE_ENDPOINT_SOCKET</c>.</param>
    public static IMeshClientBuilder AddSpiffe(this IMeshClientBuilder builder, string? socket = null) => Identify(builder, identity =>
    {
        identity.Source = MeshIdentitySource.Spiffe;
        identity.Socket = socket;
    });

    private static IMeshClientBuilder Identify(IMeshClientBuilder builder, Action<MeshIdentityOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<MeshClientOptions>(options => configure(options.Identity));
        return builder;
    }
}

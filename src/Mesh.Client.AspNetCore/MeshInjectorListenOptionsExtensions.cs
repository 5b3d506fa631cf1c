using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Injector;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Serves the injector over TLS.</summary>
public static class MeshInjectorListenOptionsExtensions
{
    /// <summary>
    /// TLS as API servers speak it, without a client certificate, for <see cref="MeshInjectorOptions.ServerName"/>: with a certificate that
    /// the authority of this process signs, kept in memory and renewed after two thirds of its life, or with that of
    /// <see cref="MeshInjectorOptions.CertificateFile"/>. While there is none handshakes fail, with the reason in the log. The injector
    /// answers on such endpoints alone. Calls for <c>AddMeshControlPlane</c>.
    /// </summary>
    /// <param name="listen">An endpoint of Kestrel.</param>
    /// <returns><paramref name="listen"/>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddMeshControlPlane</c> was not called.</exception>
    public static ListenOptions UseMeshInjectorCertificate(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ServingCertificate certificate = listen.ApplicationServices.GetService<ServingCertificate>() ?? throw new InvalidOperationException(
            "UseMeshInjectorCertificate needs the control plane's services: call builder.Services.AddMeshControlPlane().");
        listen.Use(next => connection =>
        {
            connection.Features.Set(InjectorConnection.Instance);
            return next(connection);
        });
        return listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificate.Handshake()) });
    }
}

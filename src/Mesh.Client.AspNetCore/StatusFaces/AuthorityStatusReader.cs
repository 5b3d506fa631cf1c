using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads what a control plane does besides telling of services: certificates and pods.</summary>
internal sealed class AuthorityStatusReader(IServiceProvider services)
{
    private const int MaxAnchors = 10;

    /// <summary>Null where there is no authority.</summary>
    public AuthorityStatus? ReadAuthority()
    {
        if (!AuthorityServices.IsServed(services))
        {
            return null;
        }

        MeshAuthority authority = services.GetRequiredService<MeshAuthority>();
        AuthorityState state = authority.State;
        return new AuthorityStatus(
            Redacted.Text(state.Source),
            authority.IsLoaded,
            state.Issuer?.Subject,
            state.Issuer is { } issuer ? new DateTimeOffset(issuer.NotBefore.ToUniversalTime()) : null,
            state.NotAfter,
            state.Problem is { } problem ? Secrets.Show("", problem) : null,
            IdentityStatusReader.ReadAnchors(state.Anchors, MaxAnchors));
    }

    public CertificatesStatus? ReadCertificates()
    {
        CertificateCounts counts = services.GetRequiredService<CertificateCounts>();
        return AuthorityServices.IsServed(services) ? new CertificatesStatus(counts.Issued, counts.Refused, counts.Latest) : null;
    }

    /// <summary>Null where it is not mapped.</summary>
    public InjectorStatus? ReadInjector()
    {
        InjectorMetrics metrics = services.GetRequiredService<InjectorMetrics>();
        return !metrics.IsMapped ? null : new InjectorStatus(
            metrics.Count(InjectorMetrics.Injected),
            metrics.Count(InjectorMetrics.Unchanged),
            metrics.Count(InjectorMetrics.Disabled),
            metrics.Count(InjectorMetrics.Skipped),
            metrics.Count(InjectorMetrics.Refused));
    }
}

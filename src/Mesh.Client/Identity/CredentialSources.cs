using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Identity;

/// <summary>The source of credentials that the options name.</summary>
internal static class CredentialSources
{
    public static CredentialStore CreateStore(IServiceProvider services)
    {
        MeshClientOptions options = services.GetRequiredService<MeshConfiguration>().Current;
        MeshMetrics metrics = services.GetRequiredService<MeshMetrics>();
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        var store = new CredentialStore(
            options.Identity.Source is MeshIdentitySource.None ? null : store => Create(services, options, store),
            options.Identity.Mode,
            time,
            () => metrics.RefusedInput("identity"));
        metrics.ObserveCredential(
            () => store.Current.Credential?.NotAfter - time.GetUtcNow(),
            () => store.Current.TrustBundle?.ExpiresFirst - time.GetUtcNow());
        return store;
    }

    private static ICredentialSource Create(IServiceProvider services, MeshClientOptions options, CredentialStore store)
    {
        MeshIdentityOptions identity = options.Identity;
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        ILoggerFactory loggers = services.GetRequiredService<ILoggerFactory>();
        return identity.Source switch
        {
            MeshIdentitySource.Files => new FileCredentialSource(
                identity.CertificateFile!,
                identity.PrivateKeyFile ?? identity.CertificateFile!,
                identity.TrustBundle!,
                time,
                loggers.CreateLogger<FileCredentialSource>()),
            MeshIdentitySource.Spiffe => new SpiffeCredentialSource(
                SpiffeSocket.TryParse(identity.Socket ?? Environment.GetEnvironmentVariable(SpiffeSocket.Variable))!,
                WorkloadIdentity.ParseUri(identity.Name),
                time,
                loggers.CreateLogger<SpiffeCredentialSource>()),
            MeshIdentitySource.ControlPlane when options.ControlPlane.Address is { } address => new CertifyCredentialSource(
                address,
                services.GetRequiredService<ControlPlanes>().Anonymous(address, Parse(options.ControlPlane.Identity), store),
                Parse(identity.Name),
                identity.TokenFile!,
                identity.TrustBundle!,
                time,
                loggers.CreateLogger<CertifyCredentialSource>()),
            MeshIdentitySource.Linkerd => new CertifyCredentialSource(
                options.Linkerd.Identity.Address!,
                services.GetRequiredService<ControlPlanes>().Anonymous(
                    options.Linkerd.Identity.Address!, Parse(options.Linkerd.Identity.Identity), store),
                Parse(identity.Name),
                identity.TokenFile!,
                identity.TrustBundle!,
                time,
                loggers.CreateLogger<CertifyCredentialSource>()),

            // An authority in this process.
            _ => services.GetService<ICredentialSource>() ?? throw new InvalidOperationException(
                $"{options.SectionPath}:Identity:Source is ControlPlane, and there is none: "
                    + $"set {options.SectionPath}:ControlPlane:Address."),
        };
    }

    private static WorkloadIdentity Parse(string? name) =>
        WorkloadIdentity.TryParse(name, out WorkloadIdentity? identity)
            ? identity
            : throw new InvalidOperationException($"'{name}' passed validation and is no identity.");
}

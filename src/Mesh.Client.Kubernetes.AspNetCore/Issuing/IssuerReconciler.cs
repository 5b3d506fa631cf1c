using k8s.Models;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore.Issuing;

/// <summary>
/// Hands the issuer of the Secret to the authority: only what was read there signs, so that all replicas sign below the same root. Makes
/// the Secret where there is none, and the next issuer in it at half of the life of one that we made.
/// </summary>
internal sealed partial class IssuerReconciler(
    ApiServer server,
    IResourceWatches watches,
    MeshAuthority authority,
    SharedAnchors shared,
    MeshKubernetesAuthorityOptions options,
    MeshAuthorityOptions lifetimes,
    string ns,
    ILogger<IssuerReconciler> logger) : Reconciler(shared.Changed, server.Time, logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;
    private IResourceLease<V1Secret>? _secrets;
    private string? _taken;
    private string? _waiting;

    protected override string Name => $"Secret {ns}/{options.IssuerSecret}";

    private ApiResource Secrets => ClusterObjects.Secrets.In(ns);

    protected override IDisposable Open() => _secrets = watches.Watch(
        new ResourceQuery<V1Secret>(ClusterObjects.Secrets, ns, FieldSelector: $"metadata.name={options.IssuerSecret}"),
        shared.Changed,
        new Pulse());

    protected override async Task<DateTimeOffset?> ReconcileAsync(CancellationToken cancellationToken)
    {
        ResourceState<V1Secret> state = _secrets!.State;
        if (state.Status is not ResourceStatus.Known)
        {
            authority.Note(state.Problem is { } problem ? $"{Name}: {problem}" : null);
            return null;
        }

        if (!state.Items.TryGetValue(options.IssuerSecret, out V1Secret? secret))
        {
            if (options.MakeIssuer)
            {
                await MakeAsync(cancellationToken).ConfigureAwait(false);
                return Time.GetUtcNow() + LookAgain;
            }

            authority.Refuse($"{Name}: there is none; cert-manager or a person has to make it");
            return null;
        }

        DateTimeOffset? taken = Take(secret);
        DateTimeOffset? rotated = ClusterObjects.IsOurs(secret.Metadata)
            ? await RotateAsync(secret, cancellationToken).ConfigureAwait(false)
            : null;
        return taken is null || rotated < taken ? rotated : taken;
    }

    /// <returns>When to look again.</returns>
    private DateTimeOffset? Take(V1Secret secret)
    {
        string version = $"{secret.Metadata.Uid}/{secret.Metadata.ResourceVersion}";
        if (_taken == version)
        {
            authority.Note(_secrets!.State.Problem);
            return null;
        }

        DateTimeOffset now = Time.GetUtcNow();
        if (IssuerSecret.TryRead(secret, now, out string? problem) is not { } issuer)
        {
            authority.Refuse($"{Name}: {problem}");

            // What is not valid yet may be so later.
            return now + LookAgain;
        }

        shared.OfIssuer = issuer.Anchors;
        if (WaitsUntil(issuer, now) is { } moment)
        {
            issuer.Signer.Key.Dispose();
            if (_waiting != version)
            {
                _waiting = version;
                string anchor = TrustBundle.Thumbprint(issuer.Root);
                LogWaits(Name, anchor, options.AnchorLead);
            }

            return moment;
        }

        authority.Take(issuer);
        _taken = version;
        return null;
    }

    // Below an anchor that workloads have not heard of yet nothing is signed while something else can be.
    private DateTimeOffset? WaitsUntil(Issuer issuer, DateTimeOffset now)
    {
        if (options.AnchorLead <= TimeSpan.Zero || !authority.IsLoaded || authority.SignsBelow(issuer.Root))
        {
            return null;
        }

        return shared.Published?.SinceOf(issuer.Root) is { } since
            ? since + options.AnchorLead is var end && end > now ? end : null
            : now + LookAgain;
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = Time.GetUtcNow();
        SigningKey root = NewRoot(now);
        SigningKey issuer = NewIssuer(root, now);
        using (root.Key)
        using (issuer.Key)
        {
            await server.WriteAsync<V1Secret>(
                ApiWrite.Create(Secrets, IssuerSecret.Write(ns, options.IssuerSecret, root, issuer, version: null)), cancellationToken)
                .ConfigureAwait(false);
        }

        LogMade(Name, TrustBundle.Thumbprint(root.Certificate), root.NotAfter);
    }

    /// <returns>When the next is due.</returns>
    private async Task<DateTimeOffset?> RotateAsync(V1Secret secret, CancellationToken cancellationToken)
    {
        DateTimeOffset now = Time.GetUtcNow();
        if (IssuerSecret.RotationTime(secret) is not { } due || due > now)
        {
            return IssuerSecret.RotationTime(secret);
        }

        if (IssuerSecret.TryReadRoot(secret, out string? problem) is not { } root)
        {
            authority.Refuse($"{Name}: it cannot be renewed: {problem}. Delete it, and another is made with another root");
            return null;
        }

        // A root is replaced as early: what knows only the old one has years to learn of the next.
        if (DirectoryIssuer.RotationTime(root.Certificate) <= now)
        {
            root.Key.Dispose();
            root = NewRoot(now);
        }

        SigningKey issuer = NewIssuer(root, now);
        using (root.Key)
        using (issuer.Key)
        {
            await server.WriteAsync<V1Secret>(
                ApiWrite.Update(
                    Secrets,
                    options.IssuerSecret,
                    IssuerSecret.Write(ns, options.IssuerSecret, root, issuer, secret.Metadata.ResourceVersion)),
                cancellationToken).ConfigureAwait(false);
        }

        LogRotated(Name, issuer.Certificate.Subject, issuer.NotAfter);
        return now + LookAgain;
    }

    private SigningKey NewRoot(DateTimeOffset now) => CertificateFactory.Root(now, lifetimes.RootLifetime, "root");

    private SigningKey NewIssuer(SigningKey root, DateTimeOffset now) =>
        CertificateFactory.Intermediate(root, now, lifetimes.IntermediateLifetime, "issuer");

    [LoggerMessage(EventId = 11, EventName = "IssuerMade", Level = LogLevel.Warning,
        Message = "There was no {Name}, and it was made, with a root of its own: SHA-256 {Root}, valid until {Expiry:u}. Who may read "
            + "this Secret may be every workload.")]
    private partial void LogMade(string name, string root, DateTimeOffset expiry);

    [LoggerMessage(EventId = 12, EventName = "IssuerRotated", Level = LogLevel.Information,
        Message = "{Name} has its next issuer, {Subject}, valid until {Expiry:u}.")]
    private partial void LogRotated(string name, string subject, DateTimeOffset expiry);

    [LoggerMessage(EventId = 13, EventName = "IssuerWaits", Level = LogLevel.Information,
        Message = "{Name} has an issuer below another anchor, SHA-256 {Anchor}. It signs once that has been published for {Lead}; the last "
            + "one signs until then.")]
    private partial void LogWaits(string name, string anchor, TimeSpan lead);
}

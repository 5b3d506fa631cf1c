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
/// the Secret where there is none, and the next issuer in it at half of the life of one that we made, or where its key is lost.
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

    // A process that begins has read the ConfigMap by then, if it may.
    private static readonly TimeSpan MaxWaitForPlan = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;
    private readonly WritePace _repairs = new(server.Time);
    private long? _firstSeen;
    private IResourceLease<V1Secret>? _secrets;
    private string? _taken;
    private string? _waiting;

    protected override string Name => $"Secret {ns}/{options.IssuerSecret}";

    private ApiResource Secrets => ClusterObjects.Secrets.In(ns);

    protected override IDisposable Open() => _secrets = watches.Watch(
        new ResourceQuery<V1Secret>(ClusterObjects.Secrets, ns, FieldSelector: $"metadata.name={options.IssuerSecret}"),
        shared.Changed,
        new Pulse());

    protected override async Task<TimeSpan?> ReconcileAsync(CancellationToken cancellationToken)
    {
        ResourceState<V1Secret> state = _secrets!.State;
        if (state.Status is not ResourceStatus.Known)
        {
            authority.Note(state.Problem is { } away ? $"{Name}: {away}" : null);
            return null;
        }

        if (!state.Items.TryGetValue(options.IssuerSecret, out V1Secret? secret))
        {
            if (options.MakeIssuer)
            {
                await MakeAsync(cancellationToken).ConfigureAwait(false);
                return LookAgain;
            }

            authority.Refuse($"{Name}: there is none; cert-manager or a person has to make it");
            return null;
        }

        TimeSpan? taken = Take(secret, out string? problem);
        TimeSpan? renewed = null;
        if (IssuerSecret.IsOurs(secret, ns))
        {
            renewed = await RenewAsync(secret, problem, cancellationToken).ConfigureAwait(false);
        }
        else if (problem is not null)
        {
            authority.Refuse($"{Name}: {problem}");
        }

        return taken is null || renewed < taken ? renewed : taken;
    }

    /// <param name="secret">As it is there.</param>
    /// <param name="problem">Why it is of no use.</param>
    /// <returns>In how long to look again.</returns>
    private TimeSpan? Take(V1Secret secret, out string? problem)
    {
        problem = null;
        string version = $"{secret.Metadata.Uid}/{secret.Metadata.ResourceVersion}";
        if (_taken == version)
        {
            authority.Note(_secrets!.State.Problem);
            return null;
        }

        DateTimeOffset now = Time.GetUtcNow();
        if (IssuerSecret.TryRead(secret, now, out problem) is not { } issuer)
        {
            // What is not valid yet may be so later.
            return LookAgain;
        }

        shared.OfIssuer = issuer.Anchors;
        if (Wait(issuer, now) is { } wait)
        {
            issuer.Signer.Key.Dispose();
            TellWait(issuer, version);
            return wait;
        }

        authority.Take(issuer);
        _taken = version;
        return null;
    }

    // Below an anchor that workloads have not heard of yet nothing is signed while something else can be.
    private TimeSpan? Wait(Issuer issuer, DateTimeOffset now)
    {
        AnchorPlan? plan = shared.Published;
        if (!authority.IsLoaded)
        {
            return authority.State.Issuer is not null ? null : WaitAtFirst(issuer, plan, now);
        }

        return options.AnchorLead <= TimeSpan.Zero || authority.SignsBelow(issuer.Root) ? null
            : plan is null ? LookAgain
            : Left(plan, issuer, now);
    }

    // Nothing has signed here yet, but somebody else may: the plan says so, which is there soon or not at all.
    private TimeSpan? WaitAtFirst(Issuer issuer, AnchorPlan? plan, DateTimeOffset now)
    {
        if (plan is not null)
        {
            return plan.IsOldest(issuer.Root) ? null : Left(plan, issuer, now);
        }

        _firstSeen ??= Time.GetTimestamp();
        TimeSpan left = MaxWaitForPlan - Time.GetElapsedTime(_firstSeen.Value);
        return left > TimeSpan.Zero ? left : null;
    }

    private TimeSpan? Left(AnchorPlan plan, Issuer issuer, DateTimeOffset now) =>
        plan.SinceOf(issuer.Root) is not { } since ? LookAgain
        : since + options.AnchorLead - now is { Ticks: > 0 } left ? left
        : null;

    private void TellWait(Issuer issuer, string version)
    {
        string anchor = TrustBundle.Thumbprint(issuer.Root);
        if (!authority.IsLoaded)
        {
            authority.Note(shared.Published is null
                ? $"{Name}: the anchors that are published already are not known yet"
                : $"{Name}: nothing is signed until its anchor, SHA-256 {anchor}, has been published for {options.AnchorLead}");
        }

        if (_waiting != version && shared.Published is not null)
        {
            _waiting = version;
            LogWaits(Name, anchor, options.AnchorLead);
        }
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
                ApiWrite.Create(Secrets, IssuerSecret.Create(ns, options.IssuerSecret, root, issuer)), cancellationToken)
                .ConfigureAwait(false);
        }

        LogMade(Name, TrustBundle.Thumbprint(root.Certificate), root.NotAfter);
    }

    /// <summary>
    /// Makes the next issuer: below the root that is there, and where none of its keys is left below another one. Where the issuer's is
    /// left and the root's is not, a person decides.
    /// </summary>
    /// <param name="secret">As it is there, and ours.</param>
    /// <param name="unusable">Why nothing can sign by it; null: something does.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>In how long the next is due.</returns>
    private async Task<TimeSpan?> RenewAsync(V1Secret secret, string? unusable, CancellationToken cancellationToken)
    {
        DateTimeOffset now = Time.GetUtcNow();
        TimeSpan? due = IssuerSecret.RotationTime(secret) - now;
        bool isDue = due <= TimeSpan.Zero;
        if (unusable is null && !isDue)
        {
            return due;
        }

        SigningKey? root = IssuerSecret.TryReadRoot(secret, out string? problem);
        if (root is null && IssuerSecret.HasIssuer(secret))
        {
            string what = unusable is null ? "it signs still" : unusable;
            authority.Refuse(
                $"{Name}: {what}, and it cannot be renewed: {problem}. Restore it, or delete it: then another is made, with another root");
            return null;
        }

        if (unusable is not null)
        {
            authority.Note($"{Name}: {unusable}");
            if (_repairs.Next() is { } wait)
            {
                root?.Key.Dispose();
                return wait;
            }
        }

        // A root is replaced as early: what knows only the old one has years to learn of the next.
        if (root is null || DirectoryIssuer.RotationTime(root.Certificate) <= now)
        {
            root?.Key.Dispose();
            root = NewRoot(now);
        }

        SigningKey issuer = NewIssuer(root, now);
        using (root.Key)
        using (issuer.Key)
        {
            await server.WriteAsync<V1Secret>(
                ApiWrite.Update(Secrets, options.IssuerSecret, IssuerSecret.Replace(secret, root, issuer)), cancellationToken)
                .ConfigureAwait(false);
        }

        if (!isDue)
        {
            LogRepaired(Name, issuer.Certificate.Subject, TrustBundle.Thumbprint(root.Certificate));
        }
        else
        {
            LogRotated(Name, issuer.Certificate.Subject, issuer.NotAfter);
        }

        return LookAgain;
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
        Message = "{Name} has an issuer below another anchor, SHA-256 {Anchor}. It signs once that has been published for {Lead}; "
            + "until then whoever has the last one signs with it.")]
    private partial void LogWaits(string name, string anchor, TimeSpan lead);

    [LoggerMessage(EventId = 14, EventName = "IssuerRepaired", Level = LogLevel.Warning,
        Message = "{Name} held nothing any more that could sign as its issuer: somebody has changed or removed its key. It has another, "
            + "{Subject}, below the root SHA-256 {Root}.")]
    private partial void LogRepaired(string name, string subject, string root);
}

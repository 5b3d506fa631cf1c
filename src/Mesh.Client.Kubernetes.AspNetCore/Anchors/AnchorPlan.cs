using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>
/// Which anchors workloads trust: the issuer's, and for a while those that it had before, below which certificates still live. Written
/// down in the control plane's own ConfigMap, so that every replica, and the next process, goes by the same. Immutable.
/// </summary>
internal sealed class AnchorPlan
{
    // Replicas' clocks differ: what one has written the other does not write again.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private AnchorPlan(IEnumerable<Anchor> anchors)
    {
        Anchors = [.. anchors.OrderBy(anchor => anchor.Until is null ? 0 : 1).ThenBy(anchor => anchor.Thumbprint, StringComparer.Ordinal)];
        Pem = string.Concat(Anchors.Select(anchor => anchor.Certificate.ExportCertificatePem() + "\n"));
        Text = string.Join(' ', Anchors.Select(anchor => $"{anchor.Thumbprint}={Write(anchor.Since)}/{Write(anchor.Until)}"));
    }

    public ImmutableArray<Anchor> Anchors { get; }

    /// <summary>All of them.</summary>
    public string Pem { get; }

    /// <summary>What is known of each: <c>sha256=since/until</c>, with spaces between.</summary>
    public string Text { get; }

    /// <summary>The earliest moment at which an anchor goes; null: none does.</summary>
    public DateTimeOffset? FirstEnd => Anchors.Min(anchor => anchor.Until);

    /// <summary>Reads what was written down; null: it is not whole, or somebody else has written there.</summary>
    public static AnchorPlan? TryRead(string? pem, string? text)
    {
        if (pem is null || text is null || CertificateEncoding.TryReadPem(pem, out _) is not { } certificates)
        {
            return null;
        }

        Dictionary<string, string> entries = new(StringComparer.Ordinal);
        foreach (string entry in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = entry.Split('=');
            if (sides.Length != 2 || !entries.TryAdd(sides[0], sides[1]))
            {
                return null;
            }
        }

        List<Anchor> anchors = [];
        foreach (X509Certificate2 certificate in certificates)
        {
            if (!entries.Remove(TrustBundle.Thumbprint(certificate), out string? times) || Times(times) is not var (since, until))
            {
                return null;
            }

            anchors.Add(new Anchor(certificate, since, until));
        }

        return entries.Count == 0 ? new AnchorPlan(anchors) : null;
    }

    /// <summary>What follows once the issuer has these anchors.</summary>
    /// <param name="last">Null: there was nothing.</param>
    /// <param name="issuer">The issuer's anchors.</param>
    /// <param name="now">The time.</param>
    /// <param name="overlap">So long those stay that it no longer has, and no longer, whatever is written of them.</param>
    public static AnchorPlan Next(AnchorPlan? last, TrustBundle issuer, DateTimeOffset now, TimeSpan overlap)
    {
        Dictionary<string, Anchor> known = (last?.Anchors ?? []).ToDictionary(anchor => anchor.Thumbprint);
        List<Anchor> anchors = [];
        foreach (X509Certificate2 certificate in issuer.Anchors)
        {
            known.Remove(TrustBundle.Thumbprint(certificate), out Anchor? before);
            DateTimeOffset since = before?.Since ?? Whole(now);
            anchors.Add(new Anchor(certificate, since > now + Tolerance ? Whole(now) : since, Until: null));
        }

        foreach (Anchor old in known.Values)
        {
            DateTimeOffset until = old.Until is { } end && end <= now + overlap + Tolerance ? end : Whole(now + overlap);
            if (until > now && old.Certificate.NotAfter.ToUniversalTime() > now)
            {
                anchors.Add(old with { Until = until });
            }
        }

        return new AnchorPlan(anchors);
    }

    /// <summary>Since when an anchor is published; null: it is not.</summary>
    public DateTimeOffset? SinceOf(X509Certificate2 anchor)
    {
        string thumbprint = TrustBundle.Thumbprint(anchor);
        return Anchors.FirstOrDefault(known => known.Thumbprint == thumbprint)?.Since;
    }

    /// <summary>Whether workloads have trusted no other for longer, below which somebody may sign.</summary>
    public bool IsOldest(X509Certificate2 anchor) => SinceOf(anchor) is { } since && Anchors.All(known => known.Since >= since);

    public TrustBundle? ToBundle() => TrustBundle.TryCreate([.. Anchors.Select(anchor => anchor.Certificate)], out _);

    private static (DateTimeOffset Since, DateTimeOffset? Until)? Times(string text) =>
        text.Split('/') is [{ } since, { } until] && Read(since) is { } begin && (until is "-" || Read(until) is not null)
            ? (begin, Read(until))
            : null;

    // In whole seconds: what is written is what is read.
    private static DateTimeOffset Whole(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), time.Offset);

    private static string Write(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "-";

    private static DateTimeOffset? Read(string text) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : null;
}

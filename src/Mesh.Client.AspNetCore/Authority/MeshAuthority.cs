using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Signs the workloads' certificates, with an issuer that may be replaced at any time: that of a directory, from <see cref="Open"/> on, or
/// one that is handed in. The last good one signs until another is good.
/// </summary>
internal sealed partial class MeshAuthority : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IOptions<MeshAuthorityOptions> _options;
    private readonly TimeProvider _time;
    private readonly AuthorityMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ExternalIssuer? _external;
    private readonly DirectoryIssuer _directory;
    private Issuer? _issuer;
    private TrustBundle? _anchors;
    private string? _problem;
    private string? _anchorProblem;
    private string? _refused;
    private bool _disposed;

    public MeshAuthority(
        IOptions<MeshAuthorityOptions> options,
        TimeProvider time,
        AuthorityMetrics metrics,
        ILogger<MeshAuthority> logger,
        ExternalIssuer? external = null)
    {
        (_options, _time, _metrics, _logger, _external) = (options, time, metrics, logger, external);
        _directory = new DirectoryIssuer(options, time, logger, issuer => Take(issuer));
        metrics.ObserveIssuer(() => IssuerTimeLeft);
    }

    /// <summary>Signalled when issuer or anchors have changed.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>The anchors as PEM; null before there are any.</summary>
    public string? TrustBundlePem { get; private set; }

    /// <summary>The anchors; null before there are any.</summary>
    public TrustBundle? TrustBundle => Volatile.Read(ref _anchors);

    /// <summary>SHA-256 of the secret in the directory; null before <see cref="Open"/>, and without a directory.</summary>
    public byte[]? TokenHash => _directory.TokenHash;

    /// <summary>Certificates can be signed now.</summary>
    public bool IsLoaded
    {
        get
        {
            lock (_lock)
            {
                return _issuer is not null && !_disposed && _issuer.NotAfter > _time.GetUtcNow();
            }
        }
    }

    public AuthorityState State
    {
        get
        {
            lock (_lock)
            {
                string? source = _options.Value.Directory is { } directory ? $"directory {directory}" : _external?.Name;
                return new AuthorityState(source, _issuer?.Signer.Certificate, _issuer?.NotAfter, _anchors, _problem ?? _anchorProblem);
            }
        }
    }

    private TimeSpan? IssuerTimeLeft
    {
        get
        {
            lock (_lock)
            {
                return _issuer?.NotAfter - _time.GetUtcNow();
            }
        }
    }

    /// <summary>
    /// Takes the directory and makes what is not there yet; the second time, or with an issuer from elsewhere, does nothing.
    /// </summary>
    /// <exception cref="AuthorityException">The directory, or what lies there, is of no use.</exception>
    public void Open()
    {
        if (_options.Value.Directory is { } directory)
        {
            _directory.Open(directory);
        }
    }

    /// <summary>From now on this one signs; its key belongs to the authority. Its anchors hold unless others were handed in.</summary>
    public void Take(Issuer issuer)
    {
        lock (_lock)
        {
            (_problem, _refused) = (null, null);
            if (_disposed || ReferenceEquals(_issuer, issuer))
            {
                return;
            }

            if (_issuer?.IsSame(issuer) == true)
            {
                issuer.Signer.Key.Dispose();
                return;
            }

            Issuer? last = _issuer;
            _issuer = issuer;
            last?.Signer.Key.Dispose();
            if (_external is null || _anchors is null)
            {
                SetAnchors(issuer.Anchors);
            }
        }

        if (_external is not null)
        {
            _metrics.TookIssuer();
            string anchor = TrustBundle.Thumbprint(issuer.Root);
            LogTaken(_external.Name, issuer.Signer.Certificate.Subject, issuer.NotAfter, anchor);
        }

        Changed.Signal();
    }

    /// <summary>
    /// What workloads are to trust from now on: the issuer's anchors, and others that are to be trusted still or already.
    /// </summary>
    public void TakeAnchors(TrustBundle anchors)
    {
        lock (_lock)
        {
            if (anchors.Equals(_anchors))
            {
                return;
            }

            SetAnchors(anchors);
        }

        string thumbprints = string.Join(", ", anchors.Anchors.Select(TrustBundle.Thumbprint));
        LogAnchors(thumbprints);
        Changed.Signal();
    }

    /// <summary>There is another issuer, and it is of no use: the last good one stays.</summary>
    /// <param name="problem">In words that name the place, without anything of a key. Logged once until another is taken.</param>
    public void Refuse(string problem)
    {
        lock (_lock)
        {
            _problem = problem;
            if (_refused == problem)
            {
                return;
            }

            _refused = problem;
        }

        _metrics.RefusedIssuer();
        LogRefused(_external?.Name ?? "", problem);
    }

    /// <summary>Whether the present issuer's chain ends at this anchor.</summary>
    public bool SignsBelow(X509Certificate2 anchor)
    {
        lock (_lock)
        {
            return _issuer is not null && anchor.HasSameContent(_issuer.Root);
        }
    }

    /// <summary>Why there is no newer issuer, where that is no fault of one. It is logged elsewhere.</summary>
    public void Note(string? problem)
    {
        lock (_lock)
        {
            _problem = problem;
        }
    }

    /// <summary>Why workloads do not get the anchors; null: they do. It is logged elsewhere.</summary>
    public void NoteAnchors(string? problem)
    {
        lock (_lock)
        {
            _anchorProblem = problem;
        }
    }

    /// <exception cref="AuthorityException">There is no issuer yet, or its certificates have ended.</exception>
    public IssuedCertificate Issue(WorkloadIdentity identity, PublicKey key)
    {
        // The timer may be late: the machine may have slept.
        _directory.RotateIfDue();
        IssuedCertificate issued;
        lock (_lock)
        {
            if (_issuer is null || _disposed)
            {
                throw new AuthorityException("issuer not loaded");
            }

            DateTimeOffset now = _time.GetUtcNow();
            if (now >= _issuer.NotAfter)
            {
                throw new AuthorityException("the issuer's certificate has expired");
            }

            issued = new IssuedCertificate(
                CertificateFactory.Leaf(_issuer, identity, key, now, _options.Value.LeafLifetime), _issuer.Chain);
        }

        _metrics.Issued();
        LogIssued(identity, issued.NotAfter, issued.Leaf.SerialNumber);
        return issued;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _issuer?.Signer.Key.Dispose();
        }

        _directory.Dispose();
    }

    private void SetAnchors(TrustBundle anchors)
    {
        TrustBundlePem = string.Concat(anchors.Anchors.Select(anchor => anchor.ExportCertificatePem() + "\n"));
        Volatile.Write(ref _anchors, anchors);
    }

    [LoggerMessage(EventId = 4, EventName = "CertificateIssued", Level = LogLevel.Debug,
        Message = "A certificate for {Identity} until {Expiry:u}, serial {Serial}.")]
    private partial void LogIssued(WorkloadIdentity identity, DateTimeOffset expiry, string serial);

    [LoggerMessage(EventId = 5, EventName = "IssuerTaken", Level = LogLevel.Information,
        Message = "The authority signs with the issuer of {Source}: {Subject}, with its chain until {Expiry:u}, anchor SHA-256 {Anchor}.")]
    private partial void LogTaken(string source, string subject, DateTimeOffset expiry, string anchor);

    [LoggerMessage(EventId = 6, EventName = "IssuerRefused", Level = LogLevel.Error,
        Message = "The issuer of {Source} is refused: {Problem}. The last good one, if there was one, signs on.")]
    private partial void LogRefused(string source, string problem);

    [LoggerMessage(EventId = 7, EventName = "AnchorsTaken", Level = LogLevel.Information,
        Message = "Workloads are to trust these anchors (SHA-256): {Anchors}.")]
    private partial void LogAnchors(string anchors);
}

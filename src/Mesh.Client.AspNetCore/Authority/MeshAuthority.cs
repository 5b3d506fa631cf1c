using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// The authority of a development mesh: a root that stays, an intermediate that replaces itself, and the workloads' certificates. Works
/// from <see cref="Open"/> on.
/// </summary>
internal sealed partial class MeshAuthority(
    IOptions<MeshAuthorityOptions> options, TimeProvider time, AuthorityMetrics metrics, ILogger<MeshAuthority> logger) : IDisposable
{
    // Of an intermediate's life: what it has signed until then lives as long as it should.
    private const double RotationShare = 0.5;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private AuthorityDirectory? _directory;
    private AuthorityFiles? _files;
    private SigningKey? _root;
    private SigningKey? _intermediate;
    private byte[]? _tokenHash;
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>The anchors as PEM; null before <see cref="Open"/>.</summary>
    public string? TrustBundlePem { get; private set; }

    /// <summary>The anchors; null before <see cref="Open"/>.</summary>
    public TrustBundle? TrustBundle { get; private set; }

    /// <summary>SHA-256 of the secret in the directory; null before <see cref="Open"/>.</summary>
    public byte[]? TokenHash => Volatile.Read(ref _tokenHash);

    /// <summary>Certificates can be signed now.</summary>
    public bool IsLoaded
    {
        get
        {
            lock (_lock)
            {
                return _timer is not null && !_disposed && _intermediate!.NotAfter > time.GetUtcNow();
            }
        }
    }

    /// <summary>Takes the directory and makes what is not there yet; the second time does nothing.</summary>
    /// <exception cref="AuthorityException">The directory, or what lies there, is of no use.</exception>
    public void Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_timer is not null)
            {
                return;
            }

            _directory = AuthorityDirectory.Open(options.Value.Directory!);
            try
            {
                Load(new AuthorityFiles(_directory));
            }
            catch (Exception exception)
            {
                _directory.Dispose();
                if (exception is IOException or UnauthorizedAccessException)
                {
                    throw new AuthorityException($"{_directory.Path}: the authority's directory cannot be used: {exception.Message}");
                }

                throw;
            }
        }
    }

    /// <exception cref="AuthorityException">The authority is not open, or its own certificates have ended.</exception>
    public IssuedCertificate Issue(WorkloadIdentity identity, PublicKey key)
    {
        IssuedCertificate issued;
        lock (_lock)
        {
            if (_timer is null || _disposed)
            {
                throw new AuthorityException("issuer not loaded");
            }

            DateTimeOffset now = time.GetUtcNow();
            // The timer may be late: the machine may have slept.
            RotateIfDue(now);
            if (now >= _intermediate!.NotAfter || now >= _root!.NotAfter)
            {
                throw new AuthorityException("the issuer's certificate has expired");
            }

            issued = new IssuedCertificate(
                CertificateFactory.Leaf(_root, _intermediate, identity, key, now, options.Value.LeafLifetime), _intermediate.Certificate);
        }

        metrics.Issued();
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
            _timer?.Dispose();
            _root?.Key.Dispose();
            _intermediate?.Key.Dispose();
            _directory?.Dispose();
        }
    }

    private void Load(AuthorityFiles files)
    {
        DateTimeOffset now = time.GetUtcNow();
        SigningKey? root = files.ReadRoot();
        if (root is null)
        {
            root = CertificateFactory.Root(now, options.Value.RootLifetime);
            files.WriteRoot(root);
        }
        else if (now >= root.NotAfter)
        {
            throw new AuthorityException(
                $"{_directory!.File("root.crt")}: expired at {root.NotAfter:u}. Begin with an empty directory: then there is a new root, "
                + "and what knows the old one must learn it.");
        }

        SigningKey? intermediate = files.ReadIntermediate(root, now);
        if (intermediate is null)
        {
            intermediate = CertificateFactory.Intermediate(root, now, options.Value.IntermediateLifetime);
            files.WriteIntermediate(intermediate);
        }

        byte[] token = files.ReadOrMakeToken();
        TrustBundlePem = root.Certificate.ExportCertificatePem() + "\n";
        TrustBundle = TrustBundle.TryCreate([root.Certificate], out string? problem) ?? throw new AuthorityException(
            $"{_directory!.File("root.crt")}: {problem}");
        files.WriteTrustBundle(TrustBundlePem);
        Volatile.Write(ref _tokenHash, SHA256.HashData(token));
        CryptographicOperations.ZeroMemory(token);
        (_files, _root, _intermediate) = (files, root, intermediate);
        LogOpened(_directory!.Path, TrustBundle.Thumbprint(root.Certificate), root.NotAfter);
        _timer = Detached.CreateTimer(time, static self => ((MeshAuthority)self!).OnTimer(), this);
        RotateIfDue(now);
        WatchClock(now);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            DateTimeOffset now = time.GetUtcNow();
            RotateIfDue(now);
            WatchClock(now);
        }
    }

    private static DateTimeOffset RotationTime(SigningKey intermediate)
    {
        DateTimeOffset made = intermediate.NotBefore + CertificateFactory.Skew;
        return made + ((intermediate.NotAfter - made) * RotationShare);
    }

    private void RotateIfDue(DateTimeOffset now)
    {
        // An intermediate that ends with the root is the last one.
        if (now < RotationTime(_intermediate!) || _intermediate!.NotAfter >= _root!.NotAfter || now >= _root.NotAfter)
        {
            return;
        }

        SigningKey next = CertificateFactory.Intermediate(_root, now, options.Value.IntermediateLifetime);
        try
        {
            _files!.WriteIntermediate(next);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The old one holds for as long again.
            next.Key.Dispose();
            LogNotRotated(_directory!.Path, exception.Message);
            return;
        }

        SigningKey last = _intermediate;
        _intermediate = next;
        last.Key.Dispose();
        LogRotated(next.Certificate.Subject, next.NotAfter);
    }

    private void WatchClock(DateTimeOffset now)
    {
        TimeSpan wait = RotationTime(_intermediate!) - now;
        wait = wait > MaxTimer ? MaxTimer : wait < RetryAfter ? RetryAfter : wait;
        _timer!.Change(wait, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(EventId = 1, EventName = "AuthorityOpened", Level = LogLevel.Warning,
        Message = "A certificate authority for DEVELOPMENT serves from {Directory}: root SHA-256 {Fingerprint}, valid until {Expiry:u}. "
            + "For production use Linkerd's identity, SPIRE or cert-manager.")]
    private partial void LogOpened(string directory, string fingerprint, DateTimeOffset expiry);

    [LoggerMessage(EventId = 2, EventName = "IntermediateRotated", Level = LogLevel.Information,
        Message = "The authority signs with a new intermediate, {Subject}, valid until {Expiry:u}.")]
    private partial void LogRotated(string subject, DateTimeOffset expiry);

    [LoggerMessage(EventId = 3, EventName = "IntermediateNotRotated", Level = LogLevel.Warning,
        Message = "The authority's next intermediate cannot be kept in {Directory}: {Reason}. The present one signs on.")]
    private partial void LogNotRotated(string directory, string reason);

    [LoggerMessage(EventId = 4, EventName = "CertificateIssued", Level = LogLevel.Debug,
        Message = "A certificate for {Identity} until {Expiry:u}, serial {Serial}.")]
    private partial void LogIssued(WorkloadIdentity identity, DateTimeOffset expiry, string serial);
}

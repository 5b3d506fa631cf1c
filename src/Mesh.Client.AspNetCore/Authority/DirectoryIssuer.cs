using System.Security.Cryptography;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// The issuer of a development mesh: in a directory, below a root that stays. An intermediate that replaces itself signs.
/// </summary>
/// <param name="options">How long they live.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The authority's.</param>
/// <param name="take">Given each new issuer, whose key it disposes.</param>
internal sealed partial class DirectoryIssuer(
    IOptions<MeshAuthorityOptions> options, TimeProvider time, ILogger logger, Action<Issuer> take) : IDisposable
{
    // Of an intermediate's life: what it has signed until then lives as long as it should.
    private const double RotationShare = 0.5;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private readonly ILogger _logger = logger;
    private AuthorityDirectory? _directory;
    private AuthorityFiles? _files;
    private SigningKey? _root;
    private SigningKey? _intermediate;
    private byte[]? _tokenHash;
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>SHA-256 of the secret in the directory; null before <see cref="Open"/>.</summary>
    public byte[]? TokenHash => Volatile.Read(ref _tokenHash);

    /// <summary>When an issuer is to be replaced.</summary>
    public static DateTimeOffset RotationTime(SigningKey issuer)
    {
        DateTimeOffset made = issuer.NotBefore + CertificateFactory.Skew;
        return made + ((issuer.NotAfter - made) * RotationShare);
    }

    /// <inheritdoc cref="MeshAuthority.Open"/>
    public void Open(string path)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_timer is not null)
            {
                return;
            }

            _directory = AuthorityDirectory.Open(path);
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

    /// <summary>Makes the next intermediate where it is time for it. Before <see cref="Open"/> does nothing.</summary>
    public void RotateIfDue()
    {
        lock (_lock)
        {
            if (_timer is not null && !_disposed)
            {
                RotateIfDue(time.GetUtcNow());
            }
        }
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
        (_files, _root, _intermediate) = (files, root, intermediate);
        Take(now);
        files.WriteTrustBundle(root.Certificate.ExportCertificatePem() + "\n");
        Volatile.Write(ref _tokenHash, SHA256.HashData(token));
        CryptographicOperations.ZeroMemory(token);
        LogOpened(_directory!.Path, TrustBundle.Thumbprint(root.Certificate), root.NotAfter);
        _timer = Detached.CreateTimer(time, static self => ((DirectoryIssuer)self!).OnTimer(), this);
        RotateIfDue(now);
        WatchClock(now);
    }

    private void Take(DateTimeOffset now)
    {
        string? problem;
        Issuer? issuer = TrustBundle.TryCreate([_root!.Certificate], out problem) is { } anchors
            ? Issuer.TryCreate(_intermediate!, [], anchors, now, out problem)
            : null;
        take(issuer ?? throw new AuthorityException($"{_directory!.Path}: the intermediate is of no use: {problem}"));
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                DateTimeOffset now = time.GetUtcNow();
                RotateIfDue(now);
                WatchClock(now);
            }
        }
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

        _intermediate = next;
        Take(now);
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
}

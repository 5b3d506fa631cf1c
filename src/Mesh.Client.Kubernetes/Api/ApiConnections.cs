using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>
/// The connections to the API server. Its authorities and our certificate may be files, which others renew: they are looked at before a
/// request, at most once a second unless one has failed since, and once they say something else it goes over a new connection.
/// </summary>
internal sealed class ApiConnections : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly KubernetesClientConfiguration _configuration;
    private readonly ApiTimeouts _timeouts;
    private readonly string? _authorities;
    private readonly TimeProvider _time;
    private readonly string[] _files;
    private volatile HttpMessageInvoker _current;
    private volatile bool _isSuspect;
    private long _looked;
    private byte[]? _seen;
    private bool _isDisposed;

    /// <param name="configuration">Where, and as whom.</param>
    /// <param name="authorities">The file that its authorities are of; null: there is none.</param>
    /// <param name="timeouts">How long what may take.</param>
    /// <param name="time">Says when the files are looked at.</param>
    public ApiConnections(KubernetesClientConfiguration configuration, string? authorities, ApiTimeouts timeouts, TimeProvider time)
    {
        (_configuration, _authorities, _timeouts, _time) = (configuration, authorities, timeouts, time);
        _files = [.. new[]
        {
            authorities,
            string.IsNullOrWhiteSpace(configuration.ClientCertificateData) ? configuration.ClientCertificateFilePath : null,
            string.IsNullOrWhiteSpace(configuration.ClientCertificateKeyData) ? configuration.ClientKeyFilePath : null,
        }.OfType<string>().Where(file => file.Length > 0)];
        _looked = time.GetTimestamp();
        _seen = Look();

        // What the configuration holds was read earlier: the files may have been renewed since.
        HttpMessageInvoker? made = Make();
        _seen = made is null ? null : _seen;
        _current = made ?? new HttpMessageInvoker(ApiHandler.Create(configuration, configuration.SslCaCerts, timeouts));
    }

    /// <summary>For one request.</summary>
    public HttpMessageInvoker Current()
    {
        // One looks for all: the others go by what was seen last.
        if (_files.Length > 0 && IsDue && _lock.TryEnter())
        {
            try
            {
                LookAgain();
            }
            finally
            {
                _lock.Exit();
            }
        }

        return _current;
    }

    /// <summary>A request has failed on its way: the files may say why.</summary>
    public void Suspect() => _isSuspect = true;

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _current.Dispose();
        }
    }

    private bool IsDue => _isSuspect || _time.GetElapsedTime(Volatile.Read(ref _looked)) >= Interval;

    private void LookAgain()
    {
        if (_isDisposed || !IsDue)
        {
            return;
        }

        // Before the look: what fails meanwhile may have met files that this look missed.
        _isSuspect = false;
        Volatile.Write(ref _looked, _time.GetTimestamp());
        if (Look() is { } seen && !seen.AsSpan().SequenceEqual(_seen) && Make() is { } next)
        {
            // The one before is left to its watches, which last for minutes, and to the garbage collector.
            (_current, _seen) = (next, seen);
        }
    }

    // Null: not all of them can be read now, and the last holds.
    private byte[]? Look()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in _files)
        {
            if (FileContent.TryRead(file, out _) is not { } content)
            {
                return null;
            }

            hash.AppendData(SHA256.HashData(content));
            CryptographicOperations.ZeroMemory(content);
        }

        return hash.GetHashAndReset();
    }

    // Null: they do not fit together yet, or make no sense.
    private HttpMessageInvoker? Make()
    {
        try
        {
            return Authorities(out X509Certificate2Collection? authorities)
                ? new HttpMessageInvoker(ApiHandler.Create(_configuration, authorities, _timeouts))
                : null;
        }
        catch (Exception exception)
            when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool Authorities(out X509Certificate2Collection? authorities)
    {
        authorities = _configuration.SslCaCerts;
        if (_authorities is null)
        {
            return true;
        }

        authorities = FileContent.TryRead(_authorities, out _) is { } content
            ? CertificateEncoding.TryReadPem(Encoding.UTF8.GetString(content), out _)
            : null;
        return authorities is not null;
    }
}

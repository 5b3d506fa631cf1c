using System.Net.Security;
using System.Security.Authentication;
using Mesh.Client.Identity;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// What the API server is shown. Looked at with every handshake and renewed then if it is due: nobody sees it in between, and API servers
/// keep their connections.
/// </summary>
internal sealed class ServingCertificate(
    IOptions<MeshInjectorOptions> options, IServiceProvider services, TimeProvider time, InjectorLog log)
{
    private readonly Lock _lock = new();
    private readonly IServingSource _source = options.Value.CertificateFile is { } file
        ? new ServingFiles(file, options.Value.PrivateKeyFile ?? file, time)
        : new ServingAuthority(options.Value.ServerName, services, time);

    private Credential? _current;

    /// <exception cref="AuthenticationException">There is none.</exception>
    public SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = Current().Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
    };

    private Credential Current()
    {
        lock (_lock)
        {
            Credential? next = _source.Look(_current, out string? problem);
            if (next is not null && !next.Equals(_current))
            {
                log.Certificate(next, _source.Name);
            }

            _current = next ?? _current;
            DateTimeOffset now = time.GetUtcNow();
            if (_current?.IsValidAt(now) != true)
            {
                problem ??= _current is null ? "none has been read"
                    : now < _current.NotBefore ? $"it is valid from {_current.NotBefore:u} on only"
                    : $"it was valid until {_current.NotAfter:u}";
                log.NoCertificate(problem);
                throw new AuthenticationException($"There is no certificate to show: {problem}");
            }

            if (problem is not null)
            {
                log.NotRenewed(_current.NotAfter, problem);
            }

            return _current;
        }
    }
}

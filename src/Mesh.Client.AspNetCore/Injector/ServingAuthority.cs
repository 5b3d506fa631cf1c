using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// The authority of this process signs: in memory, anew after two thirds of a certificate's life, and at once when the issuer is
/// another, or the clock.
/// </summary>
internal sealed class ServingAuthority(string name, IServiceProvider services, TimeProvider time) : IServingSource
{
    private const double RenewalShare = 2.0 / 3;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly MeshAuthority? _authority = services.GetService<MeshAuthority>();
    private readonly WorkloadIdentity _name = WorkloadIdentity.ParseDns(name)!;
    private int _seen;
    private DateTimeOffset _due;
    private DateTimeOffset _looked;
    private string? _problem;

    public string Name => "the authority of this process";

    public Credential? Look(Credential? current, out string? problem)
    {
        DateTimeOffset now = time.GetUtcNow();
        int changes = _authority?.Changed.Count ?? 0;

        // A clock that was set back leaves one that is not valid yet.
        bool isUseless = current?.IsValidAt(now) == false && (now - _looked).Duration() >= RetryAfter;
        if (now < _due && changes == _seen && !isUseless)
        {
            problem = _problem;
            return null;
        }

        Credential? next = null;
        try
        {
            next = Issue();
            _problem = null;
        }
        catch (AuthorityException exception)
        {
            _problem = exception.Message;
        }

        (_seen, _looked) = (changes, now);
        _due = next is null ? now + RetryAfter : now + ((next.NotAfter - now) * RenewalShare);
        problem = _problem;
        return next;
    }

    private Credential Issue()
    {
        if (_authority?.IsLoaded != true)
        {
            throw new AuthorityException("the authority of this process has no issuer yet, and no certificate file is set");
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        IssuedCertificate issued = _authority.Issue(_name, new PublicKey(key));
        X509Certificate2? joined = PrivateKeys.TryJoin(issued.Leaf, key, out string? problem);
        return (joined is null ? null : Credential.TryCreate(joined, [.. issued.Chain], out problem))
            ?? throw new AuthorityException($"the authority's certificate is of no use: {problem}");
    }
}

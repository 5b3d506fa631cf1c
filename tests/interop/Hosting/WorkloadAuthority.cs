using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.InteropTests.Hosting;

/// <summary>An authority that writes certificates as cert-manager would, a folder's files for each workload.</summary>
internal sealed class WorkloadAuthority : IDisposable
{
    private static readonly Oid[] Usages = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];

    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _root;
    private int _issued;

    public WorkloadAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=interop root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _root = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        _folder.Write("ca.crt", _root.ExportCertificatePem());
    }

    /// <summary>What gives a process this identity, a DNS name or a URI.</summary>
    public MeshIdentityOptions Issue(string identity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (identity.Contains("://", StringComparison.Ordinal))
        {
            names.AddUri(new Uri(identity));
        }
        else
        {
            names.AddDnsName(identity);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. Usages], false));
        using X509Certificate2 leaf = request.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8));
        int number = _issued++;
        return new MeshIdentityOptions
        {
            Source = MeshIdentitySource.Files,
            CertificateFile = _folder.Write($"{number}.crt", leaf.ExportCertificatePem()),
            PrivateKeyFile = _folder.Write($"{number}.key", key.ExportPkcs8PrivateKeyPem()),
            TrustBundle = _folder.File("ca.crt"),
        };
    }

    /// <summary>The same as a container's environment.</summary>
    public Dictionary<string, string> Environment(string identity)
    {
        MeshIdentityOptions files = Issue(identity);
        return new Dictionary<string, string>
        {
            ["Mesh__Identity__Source"] = $"{files.Source}",
            ["Mesh__Identity__CertificateFile"] = files.CertificateFile!,
            ["Mesh__Identity__PrivateKeyFile"] = files.PrivateKeyFile!,
            ["Mesh__Identity__TrustBundle"] = files.TrustBundle!,
        };
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }
}

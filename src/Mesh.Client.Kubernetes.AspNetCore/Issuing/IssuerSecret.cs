using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.AspNetCore.Issuing;

/// <summary>An issuer as a Secret holds it, in cert-manager's form. Nothing that it says holds anything of a key.</summary>
internal static class IssuerSecret
{
    public const string Certificate = "tls.crt";
    public const string Key = "tls.key";
    public const string Anchors = "ca.crt";

    /// <summary>In those that we made only.</summary>
    public const string RootKey = "root.key";

    private const string Type = "kubernetes.io/tls";

    /// <summary>Reads and checks it.</summary>
    /// <param name="problem">Why it is of no use.</param>
    public static Issuer? TryRead(V1Secret secret, DateTimeOffset now, out string? problem)
    {
        X509Certificate2Collection? chain = Certificates(secret, Certificate, out problem);
        X509Certificate2Collection? anchors = chain is null ? null : Certificates(secret, Anchors, out problem);
        if (anchors is null)
        {
            return null;
        }

        TrustBundle? bundle = TrustBundle.TryCreate(anchors, out problem);
        SigningKey? signer = null;
        if (bundle is null)
        {
            problem = $"{Anchors}: {problem}";
        }
        else
        {
            signer = ReadKey(secret, Key, chain![0], out problem);
        }

        if (signer is null)
        {
            return null;
        }

        if (Issuer.TryCreate(signer, chain!, bundle!, now, out problem) is { } issuer)
        {
            return issuer;
        }

        problem = $"{Certificate}: {problem}";
        signer.Key.Dispose();
        return null;
    }

    /// <summary>The root and its key, of one that we made; null: it is not whole.</summary>
    public static SigningKey? TryReadRoot(V1Secret secret, out string? problem)
    {
        X509Certificate2Collection? anchors = Certificates(secret, Anchors, out problem);
        return anchors is null ? null : ReadKey(secret, RootKey, anchors[0], out problem);
    }

    /// <summary>When one that we made is to be replaced; null: its certificate cannot be read.</summary>
    public static DateTimeOffset? RotationTime(V1Secret secret) =>
        Certificates(secret, Certificate, out _) is [{ } certificate, ..]
            ? DirectoryIssuer.RotationTime(certificate)
            : null;

    /// <param name="ns">Where it is to be.</param>
    /// <param name="name">Of the Secret.</param>
    /// <param name="root">The only anchor.</param>
    /// <param name="issuer">Signed by it.</param>
    /// <param name="version">That it replaces; null: none.</param>
    public static V1Secret Write(string ns, string name, SigningKey root, SigningKey issuer, string? version) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Type = Type,
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = ns,
            ResourceVersion = version,
            Annotations = ClusterObjects.Mark(),
        },
        Data = new Dictionary<string, byte[]>
        {
            [Certificate] = Pem(issuer.Certificate),
            [Key] = KeyOf(issuer),
            [Anchors] = Pem(root.Certificate),
            [RootKey] = KeyOf(root),
        },
    };

    private static byte[] Pem(X509Certificate2 certificate) => Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");

    private static byte[] KeyOf(SigningKey pair)
    {
        char[] pem = pair.WriteKey();
        byte[] bytes = Encoding.ASCII.GetBytes(pem);
        Wipe(pem);
        return bytes;
    }

    private static X509Certificate2Collection? Certificates(V1Secret secret, string key, out string? problem)
    {
        if (secret.Data?.TryGetValue(key, out byte[]? content) != true || content is not { Length: > 0 })
        {
            problem = $"{key}: missing";
            return null;
        }

        X509Certificate2Collection? certificates = CertificateEncoding.TryReadPem(Encoding.UTF8.GetString(content), out problem);
        problem = problem is null ? null : $"{key}: {problem}";
        return certificates;
    }

    private static SigningKey? ReadKey(V1Secret secret, string key, X509Certificate2 certificate, out string? problem)
    {
        if (secret.Data?.TryGetValue(key, out byte[]? content) != true || content is not { Length: > 0 })
        {
            problem = $"{key}: missing";
            return null;
        }

        char[] pem = Encoding.UTF8.GetChars(content);
        SigningKey? pair = SigningKey.TryJoin(certificate, pem, out problem);
        Wipe(pem);
        problem = problem is null ? null : $"{key}: {problem}";
        return pair;
    }

    private static void Wipe(char[] pem) =>
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pem.AsSpan()));
}

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

    /// <summary>Whether we made it, and cert-manager does not keep it meanwhile.</summary>
    public static bool IsOurs(V1Secret secret, string ns) =>
        ClusterObjects.IsOurs(secret.Metadata, ns) && !secret.Metadata.Annotations.ContainsKey(ClusterObjects.CertManagers);

    /// <summary>Whether the issuer's key is there and belongs to its certificate: it is, or with other anchors may be, of use.</summary>
    public static bool HasIssuer(V1Secret secret)
    {
        if (Certificates(secret, Certificate, out _) is not [{ } certificate, ..]
            || ReadKey(secret, Key, certificate, out _) is not { } issuer)
        {
            return false;
        }

        issuer.Key.Dispose();
        return true;
    }

    /// <param name="ns">Where it is to be.</param>
    /// <param name="name">Of the Secret.</param>
    /// <param name="root">The only anchor.</param>
    /// <param name="issuer">Signed by it.</param>
    public static V1Secret Create(string ns, string name, SigningKey root, SigningKey issuer) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Type = Type,
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns, Annotations = ClusterObjects.Mark(ns) },
        Data = Fill([], root, issuer),
    };

    /// <summary>The same Secret with another issuer: what others wrote on it stays, and its version says whether they still do.</summary>
    public static V1Secret Replace(V1Secret last, SigningKey root, SigningKey issuer) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Type = last.Type,
        Metadata = last.Metadata,
        Data = Fill(new Dictionary<string, byte[]>(last.Data ?? new Dictionary<string, byte[]>()), root, issuer),
    };

    private static Dictionary<string, byte[]> Fill(Dictionary<string, byte[]> data, SigningKey root, SigningKey issuer)
    {
        data[Certificate] = Pem(issuer.Certificate);
        data[Key] = KeyOf(issuer);
        data[Anchors] = Pem(root.Certificate);
        data[RootKey] = KeyOf(root);
        return data;
    }

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

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Identity;

/// <summary>Joins certificates with their keys. No message of it says anything of a key but its kind.</summary>
internal static class PrivateKeys
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Rsa = "1.2.840.113549.1.1.1";

    /// <param name="certificate">Without key.</param>
    /// <param name="pem">PKCS#8, EC or RSA, not encrypted. The caller wipes it.</param>
    /// <param name="problem">Why there is no result, to be read after the key's place.</param>
    /// <returns>The certificate with the key.</returns>
    public static X509Certificate2? TryJoinPem(X509Certificate2 certificate, char[] pem, out string? problem)
    {
        if (pem.AsSpan().Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
        {
            problem = "the key is encrypted; it must be stored without a password";
            return null;
        }

        // A public key would be read too, and only the first handshake would show that it cannot sign.
        if (!pem.AsSpan().Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            problem = "it holds no PEM private key";
            return null;
        }

        return TryJoin(certificate, key => key.ImportFromPem(pem), out problem);
    }

    /// <param name="pkcs8">DER, not encrypted. The caller wipes it.</param>
    /// <inheritdoc cref="TryJoinPem"/>
    public static X509Certificate2? TryJoinPkcs8(X509Certificate2 certificate, byte[] pkcs8, out string? problem) =>
        TryJoin(certificate, key => key.ImportPkcs8PrivateKey(pkcs8, out _), out problem);

    /// <summary>For a key that this process has made. The key may be disposed afterwards.</summary>
    public static X509Certificate2? TryJoin(X509Certificate2 certificate, ECDsa key, out string? problem)
    {
        try
        {
            problem = null;
            return ForHandshakes(certificate.CopyWithPrivateKey(key));
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException or InvalidOperationException)
        {
            problem = "the certificate is for another key";
            return null;
        }
    }

    private static X509Certificate2? TryJoin(X509Certificate2 certificate, Action<AsymmetricAlgorithm> import, out string? problem)
    {
        string? algorithm = certificate.PublicKey.Oid.Value;
        using AsymmetricAlgorithm? key = algorithm switch { EllipticCurve => ECDsa.Create(), Rsa => RSA.Create(), _ => null };
        if (key is null)
        {
            problem = $"keys of the certificate's kind ({algorithm}) are not supported, only elliptic curve and RSA";
            return null;
        }

        try
        {
            import(key);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            problem = $"it holds no {(key is RSA ? "RSA" : "elliptic curve")} private key that can be read, but the certificate needs one";
            return null;
        }

        try
        {
            problem = null;
            return ForHandshakes(key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key));
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            problem = "the key does not belong to the certificate";
            return null;
        }
    }

    /// <summary>Windows' TLS takes no key that lives in memory only; a round trip gives it a name there.</summary>
    private static X509Certificate2 ForHandshakes(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        byte[] pfx = certificate.Export(X509ContentType.Pkcs12);
        try
        {
            return X509CertificateLoader.LoadPkcs12(pfx, null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pfx);
            certificate.Dispose();
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Identity;

/// <summary>A certificate chain and its key as two PEM files, or as one when both paths are the same. One watch owns it.</summary>
/// <param name="certificatePath">The leaf first, then the intermediates upwards.</param>
/// <param name="keyPath">PKCS#8, EC or RSA, not encrypted.</param>
internal sealed class CredentialFiles(string certificatePath, string keyPath, TimeProvider time)
{
    private byte[]? _taken;

    /// <summary>Reads both files. What is refused is tried again at the next look; what was taken is not read twice.</summary>
    public void Look(CredentialFeed feed)
    {
        Credential? credential = Look(out string? problem);
        if (problem is not null)
        {
            feed.RefuseCredential(problem);
        }
        else if (credential is not null)
        {
            feed.Take(credential);
        }
    }

    /// <summary>The same for who keeps no feed.</summary>
    /// <param name="problem">Why there is nothing new, in words that name the place; null where all is as it was.</param>
    public Credential? Look(out string? problem)
    {
        byte[]? key = null;
        try
        {
            byte[]? chain = FileContent.TryRead(certificatePath, out problem);
            key = chain is null ? null : FileContent.TryRead(keyPath, out problem);
            if (key is null)
            {
                _taken = null;
                return null;
            }

            byte[] hash = SHA256.HashData([.. SHA256.HashData(chain!), .. SHA256.HashData(key)]);
            if (_taken is not null && hash.AsSpan().SequenceEqual(_taken))
            {
                return null;
            }

            Credential? credential = Read(chain!, key, out problem);
            _taken = credential is null ? null : hash;
            return credential;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private Credential? Read(byte[] chain, byte[] key, out string? problem)
    {
        X509Certificate2Collection? certificates = CertificateEncoding.TryReadPem(Encoding.UTF8.GetString(chain), out problem);
        if (certificates is null)
        {
            problem = $"{certificatePath}: {problem}";
            return null;
        }

        char[] pem = Encoding.UTF8.GetChars(key);
        using X509Certificate2 leaf = certificates[0];
        certificates.RemoveAt(0);
        try
        {
            X509Certificate2? joined = PrivateKeys.TryJoinPem(leaf, pem, out problem);
            if (joined is null)
            {
                problem = $"{keyPath}: {problem} (certificate {certificatePath})";
                return null;
            }

            return Judge(joined, certificates, out problem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pem.AsSpan()));
        }
    }

    private Credential? Judge(X509Certificate2 joined, X509Certificate2Collection intermediates, out string? problem)
    {
        Credential? credential = Credential.TryCreate(joined, intermediates, out problem);
        if (credential is not null && !credential.IsValidAt(time.GetUtcNow()))
        {
            problem = $"the certificate is valid from {credential.NotBefore:u} to {credential.NotAfter:u} only";
        }

        problem = problem is null ? null : $"{certificatePath}: {problem}";
        return problem is null ? credential : null;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Reads and writes what an authority keeps. A key is written before its certificate, so that a crash leaves a key without one, which
/// nobody has seen yet and which may be made anew.
/// </summary>
internal sealed class AuthorityFiles(AuthorityDirectory directory)
{
    private const int TokenBytes = 32;
    private const string Advice =
        "Restore it, or begin with an empty directory: then there is a new root, and what knows the old one must learn it.";


    private string RootCertificate => directory.File("root.crt");

    private string IntermediateCertificate => directory.File("intermediate.crt");

    /// <summary>Null where none was ever finished.</summary>
    /// <exception cref="AuthorityException">There was one, and it is damaged or gone. It is never replaced in silence.</exception>
    public SigningKey? ReadRoot()
    {
        if (!File.Exists(RootCertificate))
        {
            return File.Exists(IntermediateCertificate)
                ? throw new AuthorityException($"{RootCertificate}: missing, although the root has signed an intermediate. {Advice}")
                : null;
        }

        SigningKey? root = Read("root", out string? problem);
        if (root is not null && !SigningKey.IsAuthority(root.Certificate))
        {
            problem = $"{RootCertificate}: not an authority's certificate";
        }

        return problem is null ? root : throw new AuthorityException($"{problem}. {Advice}");
    }

    /// <summary>Null where there is none, or one of no use: whoever has the root makes another.</summary>
    public SigningKey? ReadIntermediate(SigningKey root, DateTimeOffset now) =>
        Read("intermediate", out _) is { } found && root.Vouches(found.Certificate, now) ? found : null;

    public void WriteRoot(SigningKey root) => Write("root", root);

    public void WriteIntermediate(SigningKey intermediate) => Write("intermediate", intermediate);

    /// <summary>The token, without the last newline that an editor leaves; made where there is none. The caller wipes it.</summary>
    public byte[] ReadOrMakeToken()
    {
        if (OwnerOnly.ReadSecret(directory.Token) is not { } content)
        {
            content = Encoding.ASCII.GetBytes(System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)));
            OwnerOnly.Write(directory.Token, content);
        }

        int length = content.AsSpan().TrimEnd("\r\n"u8).Length;
        return length >= TokenBytes
            ? content[..length]
            : throw new AuthorityException($"{directory.Token}: shorter than {TokenBytes} characters; delete it, and another is made.");
    }

    public void WriteTrustBundle(string pem)
    {
        if (!File.Exists(directory.TrustBundle) || File.ReadAllText(directory.TrustBundle) != pem)
        {
            OwnerOnly.Write(directory.TrustBundle, pem);
        }
    }

    private SigningKey? Read(string name, out string? problem)
    {
        string certificatePath = directory.File(name + ".crt");
        string keyPath = directory.File(name + ".key");
        if (OwnerOnly.ReadSecret(keyPath) is not { } content)
        {
            problem = $"{keyPath}: missing";
            return null;
        }

        char[] pem = Encoding.UTF8.GetChars(content);
        try
        {
            X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(certificatePath);
            SigningKey? pair = SigningKey.TryJoin(certificate, pem, out problem);
            problem = problem is null ? null : $"{keyPath}: {problem} ({certificatePath})";
            return pair;
        }
        catch (Exception exception) when (exception is CryptographicException or FileNotFoundException)
        {
            problem = $"{certificatePath}: no certificate in it can be read";
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pem.AsSpan()));
        }
    }

    private void Write(string name, SigningKey pair)
    {
        char[] pem = pair.WriteKey();
        try
        {
            OwnerOnly.Write(directory.File(name + ".key"), pem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pem.AsSpan()));
        }

        OwnerOnly.Write(directory.File(name + ".crt"), pair.Certificate.ExportCertificatePem() + "\n");
    }
}

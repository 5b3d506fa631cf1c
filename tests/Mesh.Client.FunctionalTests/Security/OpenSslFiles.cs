using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A credential and an anchor as files, and the options with which openssl takes them.</summary>
internal sealed class OpenSslFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OpenSslFiles(Credential credential, TestCa trusted)
    {
        Certificate = _folder.Write("leaf.crt", credential.Leaf.ExportCertificatePem());
        Key = _folder.Write("leaf.key", TestCa.KeyPem(credential));
        string chain = string.Join('\n', credential.Intermediates.Select(certificate => certificate.ExportCertificatePem()));
        TrustOptions = ["-CAfile", _folder.Write("ca.crt", trusted.Root.ExportCertificatePem()), "-verify_return_error"];
        Options = ["-cert", Certificate, "-key", Key, "-cert_chain", _folder.Write("chain.crt", chain), .. TrustOptions];
    }

    public string Certificate { get; }

    public string Key { get; }

    /// <summary>Whom to trust.</summary>
    public string[] TrustOptions { get; }

    /// <summary>What to show, and whom to trust.</summary>
    public string[] Options { get; }

    public void Dispose() => _folder.Dispose();
}

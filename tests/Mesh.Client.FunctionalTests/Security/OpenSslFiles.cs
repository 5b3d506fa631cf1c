using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A credential and anchors as files, and the options with which openssl takes them.</summary>
internal sealed class OpenSslFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OpenSslFiles(Credential credential, TestCa trusted)
    {
        Options =
        [
            "-cert", _folder.Write("leaf.crt", credential.Leaf.ExportCertificatePem()),
            "-key", Key = _folder.Write("leaf.key", TestCa.KeyPem(credential)),
            "-cert_chain", _folder.Write("chain.crt", string.Join('\n', credential.Intermediates.Select(c => c.ExportCertificatePem()))),
            "-CAfile", _folder.Write("ca.crt", trusted.Root.ExportCertificatePem()),
            "-verify_return_error",
        ];
        Certificate = Options[1];
    }

    public string[] Options { get; }

    public string Certificate { get; }

    public string Key { get; }

    public void Dispose() => _folder.Dispose();
}

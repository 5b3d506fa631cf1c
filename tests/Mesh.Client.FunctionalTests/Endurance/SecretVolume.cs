using System.Diagnostics;
using System.Globalization;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// Certificate, key and anchors as Kubernetes mounts a secret: the files are links through <c>..data</c>, and a new version is a new
/// folder, which <c>..data</c> is renamed to at once.
/// </summary>
internal sealed class SecretVolume : IDisposable
{
    private static readonly string[] Names = ["tls.crt", "tls.key", "ca.crt"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-volume-");
    private int _version;

    public string Certificate => At("tls.crt");

    public string Key => At("tls.key");

    public string Anchors => At("ca.crt");

    public async Task WriteAsync(Credential credential, TestCa[] trusted)
    {
        string version = string.Create(CultureInfo.InvariantCulture, $"..{++_version}");
        Directory.CreateDirectory(At(version));
        await File.WriteAllTextAsync(At($"{version}/tls.crt"), TestCa.ChainPem(credential));
        await File.WriteAllTextAsync(At($"{version}/tls.key"), TestCa.KeyPem(credential));
        await File.WriteAllTextAsync(At($"{version}/ca.crt"), string.Join('\n', trusted.Select(ca => ca.Root.ExportCertificatePem())));
        Directory.CreateSymbolicLink(At("..data_tmp"), version);
        using (var move = Process.Start("mv", ["-T", At("..data_tmp"), At("..data")]))
        {
            await move.WaitForExitAsync();
            Assert.Equal(0, move.ExitCode);
        }

        if (_version == 1)
        {
            Array.ForEach(Names, name => File.CreateSymbolicLink(At(name), Path.Combine("..data", name)));
        }
        else
        {
            Directory.Delete(At(string.Create(CultureInfo.InvariantCulture, $"..{_version - 1}")), recursive: true);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string At(string name) => Path.Combine(_folder.FullName, name);
}

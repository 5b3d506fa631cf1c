namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-test-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Writes a file whole, so that who watches it never reads half; returns its path.</summary>
    public string Write(string name, string text)
    {
        string next = File(name + ".next");
        System.IO.File.WriteAllText(next, text);
        System.IO.File.Move(next, File(name), overwrite: true);
        return File(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

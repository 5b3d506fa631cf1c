namespace Mesh.Client.Tests;

/// <summary>Where the repository's own files are, for tests that hold them to the truth.</summary>
internal static class RepositoryFiles
{
    public static readonly string Root = FindRoot();

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder!, "Mesh.Client.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder!;
    }
}

namespace Quickstart;

/// <summary>
/// Where the authority of this process keeps its keys. The folder goes with the process; what a killed one has left, the next one takes
/// away.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string Prefix = "mesh-quickstart-";

    private WorkFolder(string path) => Path = path;

    public string Path { get; }

    public static WorkFolder Create()
    {
        foreach (string left in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*").Where(IsStale))
        {
            Delete(left);
        }

        return new WorkFolder(Directory.CreateTempSubdirectory(Prefix).FullName);
    }

    public void Dispose() => Delete(Path);

    // The authority holds a lock on this file, which ends with its process, however that ends.
    private static bool IsStale(string folder)
    {
        try
        {
            using FileStream free = File.Open(System.IO.Path.Combine(folder, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else sweeps as well.
        }
    }
}

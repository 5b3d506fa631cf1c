namespace Mesh.Client.AspNetCore.Authority;

/// <summary>The place where an authority keeps what must outlive the process. Belongs to one process, from its making to its disposal.</summary>
internal sealed class AuthorityDirectory : IDisposable
{
    /// <summary>How names of files end that are being written.</summary>
    public const string Unfinished = ".unfinished";

    private readonly FileStream _lock;

    private AuthorityDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>What child processes show to get a certificate.</summary>
    public string Token => File("token");

    /// <summary>The anchors, PEM.</summary>
    public string TrustBundle => File("trust-bundle.pem");

    /// <summary>Makes the directory if need be and takes it.</summary>
    /// <exception cref="AuthorityException">Others may read it, or another process has it.</exception>
    public static AuthorityDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            OwnerOnly.EnsureDirectory(path);
            var directory = new AuthorityDirectory(path, Lock(System.IO.Path.Combine(path, "lock")));
            foreach (string left in Directory.EnumerateFiles(path, "*" + Unfinished))
            {
                System.IO.File.Delete(left);
            }

            return directory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException($"{path}: the authority's directory cannot be used: {exception.Message}");
        }
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    // The file stays: whoever deleted it could delete one that another process has just locked.
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return OwnerOnly.Open(path, FileMode.OpenOrCreate);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException))
        {
            throw new AuthorityException(
                $"{path}: locked: another process serves this authority. Two would overwrite each other's keys: stop it, or give each "
                + "a Directory of its own.");
        }
    }
}

using System.Security.Cryptography;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Files and directories that nobody but their owner may touch. Windows has no such modes: there the parent's access list holds and is
/// not looked at.
/// </summary>
internal static class OwnerOnly
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute;

    /// <summary>Makes the directory, or refuses one that others may enter, read or write.</summary>
    public static void EnsureDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, DirectoryMode);
        Check(path, "the directory", "700");
    }

    /// <summary>The content of a file that holds a secret; the caller wipes it. Null where there is no such file.</summary>
    public static byte[]? ReadSecret(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        Check(path, "the file", "600");
        return File.ReadAllBytes(path);
    }

    /// <summary>Puts a whole file in place of another: after a crash there is the old one or the new one.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string next = path + AuthorityDirectory.Unfinished;
        using (FileStream file = Open(next, System.IO.FileMode.Create))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>Writes text and wipes its bytes.</summary>
    public static void Write(string path, ReadOnlySpan<char> text)
    {
        byte[] content = new byte[System.Text.Encoding.UTF8.GetByteCount(text)];
        try
        {
            System.Text.Encoding.UTF8.GetBytes(text, content);
            Write(path, content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Opens a file for this process alone, until it is disposed.</summary>
    public static FileStream Open(string path, System.IO.FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        return new FileStream(path, options);
    }

    private static void Check(string path, string kind, string wanted)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        UnixFileMode mode = File.GetUnixFileMode(path);
        if ((mode & ~DirectoryMode) != 0)
        {
            throw new AuthorityException(
                $"{path}: {kind} is open to others (mode {Convert.ToString((int)mode, 8)}), who could have read the authority's keys; "
                + $"chmod {wanted} it if nobody has, or else begin again with an empty directory.");
        }
    }
}

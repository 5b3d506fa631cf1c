using System.Security.Cryptography;

namespace Mesh.Client.Identity;

/// <summary>Reads small files that others write at any time.</summary>
internal static class FileContent
{
    /// <summary>1 MiB: hundreds of certificates.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <param name="problem">Why there is no content, with the path.</param>
    /// <returns>The content; the caller wipes what is secret.</returns>
    public static byte[]? TryRead(string path, out string? problem)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                problem = $"{path}: it is larger than {MaxBytes} bytes";
                return null;
            }

            byte[] content = new byte[file.Length];
            int read = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (read < content.Length)
            {
                CryptographicOperations.ZeroMemory(content);
                problem = $"{path}: it became shorter while it was read";
                return null;
            }

            problem = null;
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"{path}: {Reason(exception)}";
            return null;
        }
    }

    /// <summary>Why a path cannot be read, without the path.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "this process may not read it",
        _ => exception.Message,
    };
}

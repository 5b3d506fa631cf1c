using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Identity;

/// <summary>Anchors as a PEM file, or as a directory of them (<c>*.pem</c>, <c>*.crt</c>). One watch owns it.</summary>
internal sealed class TrustBundleFiles(string path)
{
    private byte[]? _taken;

    /// <summary>Reads all of it. One file that cannot be read refuses the whole: an anchor less would end connections.</summary>
    public void Look(CredentialFeed feed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var contents = new List<KeyValuePair<string, byte[]>>();
        string[] files = Files(out string? problem);
        foreach (string file in files)
        {
            byte[]? content = FileContent.TryRead(file, out string? reason);
            problem ??= reason;
            if (content is not null)
            {
                contents.Add(new(file, content));
                hash.AppendData(SHA256.HashData(content));
            }
        }

        byte[] seen = hash.GetHashAndReset();
        if (problem is null && _taken is not null && seen.AsSpan().SequenceEqual(_taken))
        {
            return;
        }

        TrustBundle? bundle = problem is null ? Read(contents, out problem) : null;
        _taken = bundle is null ? null : seen;
        if (bundle is null)
        {
            feed.RefuseTrust(problem!);
        }
        else
        {
            feed.Take(bundle);
        }
    }

    private string[] Files(out string? problem)
    {
        problem = null;
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            // Names with a leading dot are Kubernetes' own (..data).
            string[] files = [.. Directory.EnumerateFiles(path)
                .Where(file => !Path.GetFileName(file).StartsWith('.') && Path.GetExtension(file) is ".pem" or ".crt")
                .Order(StringComparer.Ordinal)];
            problem = files.Length == 0 ? $"{path}: the directory holds no .pem or .crt file" : null;
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"{path}: {FileContent.Reason(exception)}";
            return [];
        }
    }

    private TrustBundle? Read(List<KeyValuePair<string, byte[]>> contents, out string? problem)
    {
        var anchors = new X509Certificate2Collection();
        foreach ((string file, byte[] content) in contents)
        {
            X509Certificate2Collection? certificates = CertificateEncoding.TryReadPem(Encoding.UTF8.GetString(content), out problem);
            if (certificates is null)
            {
                problem = $"{file}: {problem}";
                return null;
            }

            anchors.AddRange(certificates);
        }

        TrustBundle? bundle = TrustBundle.TryCreate(anchors, out problem);
        problem = problem is null ? null : $"{path}: {problem}";
        return bundle;
    }
}

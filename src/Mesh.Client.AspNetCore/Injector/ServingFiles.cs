using Mesh.Client.Identity;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Files that somebody else renews, read again at most every other second.</summary>
internal sealed class ServingFiles(string certificatePath, string keyPath, TimeProvider time) : IServingSource
{
    private readonly CredentialFiles _files = new(certificatePath, keyPath, time);
    private long? _looked;
    private string? _problem;

    public string Name => certificatePath;

    public Credential? Look(Credential? current, out string? problem)
    {
        Credential? next = null;
        if (_looked is not { } looked || time.GetElapsedTime(looked) >= FilePoll.Interval)
        {
            next = _files.Look(out _problem);
            _looked = time.GetTimestamp();
        }

        problem = _problem;
        return next;
    }
}

using System.Text;

namespace Mesh.Client.TestNode;

/// <summary>Lines that outlive a SIGKILL: each is in the kernel before the next is written.</summary>
internal sealed class Journal(string path) : IAsyncDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    private readonly Lock _lock = new();

    public void Write(string line)
    {
        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}

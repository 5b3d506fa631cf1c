using System.Diagnostics.Metrics;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.Authority;

/// <summary>A directory for an authority, and authorities that begin there one after the other.</summary>
internal sealed class AuthorityFixture : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("mesh-authority-");
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<MeshAuthority> _made = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    public FakeLogger<MeshAuthority> Log { get; } = new();

    public MeshAuthorityOptions Options { get; } = new();

    public string Path => System.IO.Path.Combine(_parent.FullName, "ca");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public MeshAuthority New()
    {
        Options.Directory = Path;
        var authority = new MeshAuthority(
            Microsoft.Extensions.Options.Options.Create(Options),
            Time,
            new AuthorityMetrics(_services.GetRequiredService<IMeterFactory>()),
            Log);
        _made.Add(authority);
        return authority;
    }

    public MeshAuthority Open()
    {
        MeshAuthority authority = New();
        authority.Open();
        return authority;
    }

    /// <summary>Each file's content in hexadecimal, by name; of the lock nothing.</summary>
    public Dictionary<string, string> Files() => Directory.GetFiles(Path).Where(file => !file.EndsWith("lock", StringComparison.Ordinal))
        .ToDictionary(file => System.IO.Path.GetFileName(file), file => Convert.ToHexString(System.IO.File.ReadAllBytes(file)));

    public void Dispose()
    {
        _made.ForEach(authority => authority.Dispose());
        _services.Dispose();
        _parent.Delete(recursive: true);
    }
}

using Mesh.Client.AspNetCore.Authority;

namespace Mesh.Client.Tests.AspNetCore.Authority;

public sealed class MeshAuthorityStoreTests : IDisposable
{
    private readonly AuthorityFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Open_FirstTime_EverythingIsTheOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes");
        _fixture.Open();

        Assert.Equal(
            ["intermediate.crt", "intermediate.key", "root.crt", "root.key", "token", "trust-bundle.pem"], _fixture.Files().Keys.Order());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(_fixture.Path));
        Assert.All(
            Directory.GetFiles(_fixture.Path), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(file)));
        Assert.Equal(43, File.ReadAllText(_fixture.File("token")).Length);
        Assert.Equal(File.ReadAllText(_fixture.File("root.crt")), File.ReadAllText(_fixture.File("trust-bundle.pem")));
    }

    [Fact]
    public void Open_Again_KeepsEverything()
    {
        _fixture.Open().Dispose();
        Dictionary<string, string> before = _fixture.Files();

        _fixture.Open();

        Assert.Equal(before, _fixture.Files());
    }

    [Theory]
    [InlineData("", "0750", "the directory")]
    [InlineData("", "0701", "the directory")]
    [InlineData("root.key", "0640", "the file")]
    [InlineData("intermediate.key", "0604", "the file")]
    [InlineData("token", "0620", "the file")]
    public void Open_OpenToOthers_IsRefused(string name, string mode, string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes");
        _fixture.Open().Dispose();
        string path = name.Length == 0 ? _fixture.Path : _fixture.File(name);
        SetMode(path, mode);

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);

        Assert.StartsWith($"{path}: {kind} is open to others (mode {mode.TrimStart('0')})", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        MeshAuthority first = _fixture.Open();

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);
        Assert.StartsWith($"{_fixture.File("lock")}: locked: another process", exception.Message, StringComparison.Ordinal);

        first.Dispose();
        _fixture.Open();
    }

    [Fact]
    public void Open_FailedOnce_LeavesTheDirectoryFree()
    {
        _fixture.Open().Dispose();
        byte[] key = File.ReadAllBytes(_fixture.File("root.key"));
        File.WriteAllText(_fixture.File("root.key"), "half");
        Assert.Throws<AuthorityException>(_fixture.Open);

        File.WriteAllBytes(_fixture.File("root.key"), key);
        _fixture.Open();
    }

    [Fact]
    public void Open_CrashBeforeTheRootsCertificate_BeginsAnew()
    {
        _fixture.Open().Dispose();
        string[] gone = ["root.crt", "intermediate.crt", "intermediate.key", "token", "trust-bundle.pem"];
        foreach (string name in gone)
        {
            File.Delete(_fixture.File(name));
        }

        string key = _fixture.Files()["root.key"];
        File.WriteAllText(_fixture.File("root.crt.unfinished"), "-----BEG");
        _fixture.Open();

        Assert.NotEqual(key, _fixture.Files()["root.key"]);
        Assert.Equal([.. gone.Append("root.key").Order()], _fixture.Files().Keys.Order());
    }

    [Theory]
    [InlineData("intermediate.crt", false)]
    [InlineData("intermediate.key", false)]
    [InlineData("intermediate.crt", true)]
    [InlineData("intermediate.key", true)]
    public void Open_IntermediateNotWhole_IsMadeAnewAndTheRootStays(string name, bool damaged)
    {
        _fixture.Open().Dispose();
        Dictionary<string, string> before = _fixture.Files();
        Spoil(name, damaged);

        _fixture.Open();

        Dictionary<string, string> after = _fixture.Files();
        Assert.Equal(before["root.crt"], after["root.crt"]);
        Assert.NotEqual(before["intermediate.crt"], after["intermediate.crt"]);
        Assert.NotEqual(before["intermediate.key"], after["intermediate.key"]);
    }

    [Fact]
    public void Open_IntermediateOfAnotherRoot_IsMadeAnew()
    {
        _fixture.Open().Dispose();
        using var other = new AuthorityFixture();
        other.Open().Dispose();
        foreach (string name in new[] { "intermediate.crt", "intermediate.key" })
        {
            File.Copy(other.File(name), _fixture.File(name), overwrite: true);
        }

        _fixture.Open();

        Assert.NotEqual(other.Files()["intermediate.crt"], _fixture.Files()["intermediate.crt"]);
    }

    [Theory]
    [InlineData("root.crt", false, "root.crt: missing, although the root has signed an intermediate")]
    [InlineData("root.crt", true, "root.crt: no certificate in it can be read")]
    [InlineData("root.key", false, "root.key: missing")]
    [InlineData("root.key", true, "root.key: it holds no elliptic curve private key that can be read")]
    public void Open_RootNotWhole_IsNamedAndKept(string name, bool damaged, string expected)
    {
        _fixture.Open().Dispose();
        Spoil(name, damaged);
        Dictionary<string, string> before = _fixture.Files();

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);

        Assert.StartsWith(Path.Combine(_fixture.Path, expected), exception.Message, StringComparison.Ordinal);
        Assert.Contains("begin with an empty directory", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, _fixture.Files());
    }

    [Fact]
    public void Open_KeyOfAnotherRoot_IsNamedWithoutTheKey()
    {
        _fixture.Open().Dispose();
        using var other = new AuthorityFixture();
        other.Open().Dispose();
        File.Copy(other.File("root.key"), _fixture.File("root.key"), overwrite: true);

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);

        Assert.Contains(
            $"the key does not belong to the certificate ({_fixture.File("root.crt")})", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllLines(other.File("root.key"))[1], exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShortToken_IsRefused()
    {
        _fixture.Open().Dispose();
        File.WriteAllText(_fixture.File("token"), "secret");

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);

        Assert.StartsWith($"{_fixture.File("token")}: shorter than 32", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ExpiredRoot_IsRefused()
    {
        _fixture.Open().Dispose();
        _fixture.Time.Advance(TimeSpan.FromDays(3651));

        AuthorityException exception = Assert.Throws<AuthorityException>(_fixture.Open);

        Assert.StartsWith($"{_fixture.File("root.crt")}: expired at 2036-", exception.Message, StringComparison.Ordinal);
    }

    private static UnixFileMode Mode(string path) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(path);

    private static void SetMode(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    private void Spoil(string name, bool damaged)
    {
        if (damaged)
        {
            string text = File.ReadAllText(_fixture.File(name));
            File.WriteAllText(_fixture.File(name), text[..(text.Length / 2)]);
        }
        else
        {
            File.Delete(_fixture.File(name));
        }
    }
}

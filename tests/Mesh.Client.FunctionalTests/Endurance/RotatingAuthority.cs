using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>Issues short-lived leaves to workloads, again and again; who signs them and who is trusted may change in between.</summary>
internal sealed class RotatingAuthority : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly List<(string Identity, Func<Credential, TestCa[], Task> Deliver)> _workloads = [];
    private TestCa[] _trusted;

    public RotatingAuthority()
    {
        Issuer = new TestCa(name: "first");
        _trusted = [Issuer];
    }

    /// <summary>How long a leaf lives; certificates know whole seconds only, so it may be up to one less.</summary>
    public static TimeSpan LeafLife { get; } = TimeSpan.FromSeconds(6);

    /// <summary>Who signs leaves now.</summary>
    public TestCa Issuer { get; private set; }

    /// <summary>How often every workload was given a new leaf.</summary>
    public int Renewals { get; private set; }

    /// <summary>Gives a workload its first leaf, and those to come.</summary>
    public async Task AddAsync(string identity, Func<Credential, TestCa[], Task> deliver)
    {
        _workloads.Add((identity, deliver));
        await deliver(Issue(identity), _trusted);
    }

    /// <summary>A new leaf for everybody, by whoever issues now.</summary>
    public Task RenewAsync() => ChangeAsync(() => Renewals++);

    /// <summary>Leaves come from another authority from now on.</summary>
    public Task IssueByAsync(TestCa issuer) => ChangeAsync(() => Issuer = issuer);

    /// <summary>The anchors that everybody trusts from now on.</summary>
    public Task TrustAsync(params TestCa[] anchors) => ChangeAsync(() => _trusted = anchors);

    public void Dispose() => _one.Dispose();

    private async Task ChangeAsync(Action change)
    {
        await _one.WaitAsync();
        try
        {
            change();
            foreach ((string identity, Func<Credential, TestCa[], Task> deliver) in _workloads)
            {
                await deliver(Issue(identity), _trusted);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private Credential Issue(string identity) => Issuer.Issue(new TestLeaf(identity) { From = TimeSpan.Zero, Until = LeafLife });
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Mesh.Client.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Identity;

public sealed class CredentialStoreTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
    private readonly ScriptedSource _source = new();
    private readonly TestCa _ca;
    private readonly CredentialStore _store;
    private int _refused;

    public CredentialStoreTests()
    {
        _ca = new TestCa(_clock);
        _store = new CredentialStore(_ => _source, MeshIdentityMode.Permissive, _clock, () => _refused++);
    }

    [Fact]
    public void Current_WithoutASource_IsNeverReadyAndNoProblem()
    {
        using var none = new CredentialStore(null, MeshIdentityMode.Permissive, _clock);

        none.Start();

        Assert.False(none.IsEnabled);
        Assert.False(none.IsReady);
        Assert.Null(none.Current.Problem);
    }

    [Fact]
    public async Task Current_OneOfTheTwoIsMissing_IsNotReady()
    {
        _store.Start();
        Assert.Equal("no answer yet (the script)", _store.Current.Problem);

        _source.Say(new() { TrustBundle = _ca.Trust });
        await UntilAsync(state => state.TrustBundle is not null);
        Assert.False(_store.IsReady);

        _source.Say(new() { TrustBundle = _ca.Trust, Credential = _ca.Issue("web.shop") });
        await UntilAsync(state => state.IsReady);
        Assert.Null(_store.Current.Problem);
    }

    [Fact]
    public async Task Current_WhenItExpires_IsGoneAtThatMomentAndSaysSo()
    {
        _store.Start();
        Credential credential = _ca.Issue(new TestLeaf("web.shop") { Until = TimeSpan.FromHours(2) });
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = credential });
        await UntilAsync(state => state.IsReady);

        _clock.SetUtcNow(credential.NotAfter);
        Assert.True(_store.IsReady);
        Task changed = _store.Changed;
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(_store.IsReady);
        Assert.True(changed.IsCompletedSuccessfully);
        Assert.Equal("our certificate expired at 2026-11-23 10:00:00Z (the script)", _store.Current.Problem);
    }

    [Fact]
    public async Task Current_NotYetValid_IsThereWhenItsTimeComes()
    {
        _store.Start();
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = _ca.Issue(new TestLeaf("web.shop") { From = TimeSpan.FromMinutes(1) }) });
        await UntilAsync(state => state.Problem == "our certificate is not valid before 2026-11-23 08:01:00Z (the script)");
        Assert.False(_store.IsReady);

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(_store.IsReady);
    }

    /// <summary>An issuer's clock may be ahead of ours.</summary>
    [Fact]
    public async Task Current_NextIsNotYetValid_TheLastOneHoldsUntilThen()
    {
        _store.Start();
        Credential first = _ca.Issue("web.shop"), next = _ca.Issue(new TestLeaf("web.shop") { From = TimeSpan.FromMinutes(2) });
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = first });
        await UntilAsync(state => state.IsReady);

        _source.Say(new() { TrustBundle = _ca.Trust, Credential = next });
        await UntilAsync(state => state.Problem is not null);
        Assert.Equal(first, _store.Current.Credential);
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(next, _store.Current.Credential);
        Assert.Null(_store.Current.Problem);
    }

    /// <summary>A machine that sleeps does not count its timers on.</summary>
    [Fact]
    public async Task Current_ClockIsSetForward_IsGoneWithinAMinute()
    {
        var clock = new JumpingClock();
        using var store = new CredentialStore(_ => _source, MeshIdentityMode.Permissive, clock);
        store.Start();
        Credential credential = _ca.Issue("web.shop");
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = credential });
        while (!store.IsReady)
        {
            await store.Changed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        clock.Jump = TimeSpan.FromDays(2);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.False(store.IsReady);
    }

    /// <summary>Timers take 49 days at the most.</summary>
    [Fact]
    public async Task Current_CredentialOfYears_ExpiresInTheEnd()
    {
        _store.Start();
        Credential credential = _ca.Issue(new TestLeaf("web.shop") { Until = TimeSpan.FromDays(400) });
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = credential });
        await UntilAsync(state => state.IsReady);

        for (int day = 0; day < 400; day++)
        {
            Assert.True(_store.IsReady);
            _clock.Advance(TimeSpan.FromDays(1));
        }

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_store.IsReady);
    }

    [Fact]
    public async Task Problem_BesideAGoodCredential_IsToldAndCountedOnce()
    {
        _store.Start();
        CredentialUpdate good = new() { TrustBundle = _ca.Trust, Credential = _ca.Issue("web.shop") };
        _source.Say(good);
        _source.Say(good with { Problem = "/tls/tls.crt: gone" });
        await UntilAsync(state => state.Problem == "/tls/tls.crt: gone");
        _source.Say(good with { Problem = "/tls/tls.crt: gone", Credential = _ca.Issue("web.shop") });
        await UntilAsync(state => state.Credential != good.Credential);

        Assert.True(_store.IsReady);
        Assert.Equal(1, _refused);
    }

    [Fact]
    public async Task WhenReadyAsync_Waits()
    {
        Task<CredentialState> waiting = _store.WhenReadyAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        _store.Start();
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = _ca.Issue("web.shop") });

        Assert.True((await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsReady);
    }

    [Fact]
    public async Task Start_SourceThrowsAgainstItsContract_LastStateStandsAndTheProblemIsTold()
    {
        _store.Start();
        _source.Say(new() { TrustBundle = _ca.Trust, Credential = _ca.Issue("web.shop") });
        await UntilAsync(state => state.IsReady);

        _source.Throw(new InvalidOperationException("secret"));
        await UntilAsync(state => state.Problem == "the script failed: InvalidOperationException");

        Assert.True(_store.IsReady);
    }

    [Fact]
    public async Task Dispose_EndsTheWatch()
    {
        _store.Start();
        _source.Say(new() { TrustBundle = _ca.Trust });
        await UntilAsync(state => state.TrustBundle is not null);

        _store.Dispose();

        await _source.Left.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public void Dispose() => _store.Dispose();

    private async Task UntilAsync(Func<CredentialState, bool> wanted)
    {
        while (true)
        {
            Task changed = _store.Changed;
            if (wanted(_store.Current))
            {
                return;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Its wall clock can be set without its timers noticing.</summary>
    private sealed class JumpingClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero))
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;
    }

    private sealed class ScriptedSource : ICredentialSource
    {
        private readonly Channel<CredentialUpdate> _states = Channel.CreateUnbounded<CredentialUpdate>();
        private readonly TaskCompletionSource _left = new();

        public string Name => "the script";

        /// <summary>Whoever watched has stopped.</summary>
        public Task Left => _left.Task;

        public void Say(CredentialUpdate state) => _states.Writer.TryWrite(state);

        public void Throw(Exception exception) => _states.Writer.Complete(exception);

        public async IAsyncEnumerable<CredentialUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                await foreach (CredentialUpdate state in _states.Reader.ReadAllAsync(cancellationToken))
                {
                    yield return state;
                }
            }
            finally
            {
                _left.TrySetResult();
            }
        }
    }
}

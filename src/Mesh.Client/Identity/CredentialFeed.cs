using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Identity;

/// <summary>
/// One watch of a source: what the source finds out, credential and anchors apart, goes in; whole states come out. Safe for several
/// writers. What changes is logged once.
/// </summary>
internal sealed partial class CredentialFeed(string source, ILogger logger)
{
    private readonly Channel<CredentialUpdate> _latest = Channel.CreateBounded<CredentialUpdate>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Lock _lock = new();
    private CredentialUpdate? _state;
    private string? _credentialProblem;
    private string? _trustProblem;

    /// <summary>Runs a source's work in the background and yields what it finds out, until cancelled.</summary>
    public static async IAsyncEnumerable<CredentialUpdate> WatchAsync(
        string source,
        ILogger logger,
        Func<CredentialFeed, CancellationToken, Task> work,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var feed = new CredentialFeed(source, logger);
        Task working = Task.Run(() => feed.RunAsync(work, stop.Token), CancellationToken.None);
        try
        {
            await foreach (CredentialUpdate state in feed._latest.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return state;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Two works that never end by themselves: what one throws ends the other too.</summary>
    public static async Task RunBothAsync(
        Func<CancellationToken, Task> first, Func<CancellationToken, Task> second, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] both = [first(stop.Token), second(stop.Token)];
        await Task.WhenAny(both).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(both).ConfigureAwait(false);
    }

    public void Take(Credential credential)
    {
        lock (_lock)
        {
            _credentialProblem = null;
            if (!credential.Equals(_state?.Credential))
            {
                LogCredential(source, credential);
                Publish((_state ?? new()) with { Credential = credential });
            }
            else
            {
                Publish(_state!);
            }
        }
    }

    public void Take(TrustBundle bundle)
    {
        lock (_lock)
        {
            _trustProblem = null;
            if (!bundle.Equals(_state?.TrustBundle))
            {
                LogTrustBundle(source, bundle);
                Publish((_state ?? new()) with { TrustBundle = bundle });
            }
            else
            {
                Publish(_state!);
            }
        }
    }

    /// <summary>No new credential: the last one stands.</summary>
    /// <param name="problem">In words that name the place, without secrets.</param>
    public void RefuseCredential(string problem)
    {
        lock (_lock)
        {
            _credentialProblem = problem;
            Publish(_state ?? new());
        }
    }

    /// <summary>No new anchors: the last ones stand.</summary>
    /// <param name="problem">In words that name the place.</param>
    public void RefuseTrust(string problem)
    {
        lock (_lock)
        {
            _trustProblem = problem;
            Publish(_state ?? new());
        }
    }

    private void Publish(CredentialUpdate state)
    {
        string?[] problems = [_credentialProblem, _trustProblem];
        string problem = string.Join("; ", problems.Where(text => text is not null).Distinct());
        state = state with { Problem = problem.Length == 0 ? null : problem };
        if (state == _state)
        {
            return;
        }

        if (state.Problem is not null && state.Problem != _state?.Problem)
        {
            LogProblem(source, state.Problem);
        }

        _state = state;
        _latest.Writer.TryWrite(state);
    }

    private async Task RunAsync(Func<CredentialFeed, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(this, cancellationToken).ConfigureAwait(false);
            _latest.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            // Not lost: the consumer gets it where it reads, unless it is the one who has left.
            _latest.Writer.TryComplete(cancellationToken.IsCancellationRequested ? null : exception);
        }
    }

    [LoggerMessage(EventId = 1, EventName = "CredentialTaken", Level = LogLevel.Information,
        Message = "A new credential from {Source}: {Credential}.")]
    private partial void LogCredential(string source, Credential credential);

    [LoggerMessage(EventId = 2, EventName = "TrustBundleTaken", Level = LogLevel.Information,
        Message = "A new trust bundle from {Source}: {TrustBundle}.")]
    private partial void LogTrustBundle(string source, TrustBundle trustBundle);

    [LoggerMessage(EventId = 3, EventName = "CredentialProblem", Level = LogLevel.Warning,
        Message = "The {Source} has a problem: {Problem}. The last good state stands.")]
    private partial void LogProblem(string source, string problem);
}

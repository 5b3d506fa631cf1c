using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>
/// The kinds of one API group that a server has not served, or not allowed: whoever wants one waits here, and one question of this
/// process finds out for all. It is asked ever less often, and sooner once something of the group is there.
/// </summary>
/// <param name="server">Asked.</param>
/// <param name="group">Empty for the core.</param>
/// <param name="version">Of the group.</param>
internal sealed class ApiGroup(ApiServer server, string group, string version)
{
    /// <summary>Those who found something at the same time do not all come at once.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Pulse _appeared = new();
    private AskingAgain _wait;
    private HashSet<string> _kinds = new(StringComparer.Ordinal);
    private Task<HashSet<string>?>? _question;

    /// <summary>Completes when something of it has begun to be served or allowed.</summary>
    public Task Appeared => _appeared.Signalled;

    /// <summary>Waits for the next answer.</summary>
    /// <returns>Whether the kind is there now; true, too, where the server does not say.</returns>
    public async Task<bool> WaitAsync(string plural, CancellationToken cancellationToken)
    {
        Task<HashSet<string>?> question;
        lock (_lock)
        {
            question = _question ??= Detached.Run(AskAsync);
        }

        return await question.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } kinds || kinds.Contains(plural);
    }

    /// <summary>A kind is served. Where that is news the others are asked for, too.</summary>
    public void Serve(string plural)
    {
        lock (_lock)
        {
            if (!_kinds.Add(plural))
            {
                return;
            }

            _wait.Reset();
        }

        Appear();
    }

    /// <summary>What was refused is allowed.</summary>
    public void Appear() => _appeared.Signal();

    /// <summary>The wait, which ends early, but for a spread, when something appears.</summary>
    public async Task DelayAsync(TimeSpan wait, Task sooner, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task whole = Task.Delay(wait, server.Time, stop.Token);
        if (await Task.WhenAny(whole, sooner).ConfigureAwait(false) != whole)
        {
            await Task.WhenAny(whole, Task.Delay(Spread * Random.Shared.NextDouble(), server.Time, stop.Token)).ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<HashSet<string>?> AskAsync()
    {
        Task sooner = Appeared;
        TimeSpan wait;
        lock (_lock)
        {
            wait = _wait.Next();
        }

        HashSet<string>? kinds = null;
        try
        {
            await DelayAsync(wait, sooner, server.Closed).ConfigureAwait(false);
            kinds = await server.KindsAsync(group, version, server.Closed).ConfigureAwait(false);
        }
        catch (Exception) when (!server.Closed.IsCancellationRequested)
        {
            // Each asks for itself, then, and says what is the matter.
        }
        finally
        {
            Learn(kinds);
        }

        return kinds;
    }

    private void Learn(HashSet<string>? kinds)
    {
        lock (_lock)
        {
            _question = null;
            if (kinds is not null)
            {
                if (!kinds.IsSubsetOf(_kinds))
                {
                    _wait.Reset();
                }

                _kinds = new HashSet<string>(kinds, StringComparer.Ordinal);
            }
        }
    }
}

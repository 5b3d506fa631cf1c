namespace Mesh.Client.Resilience;

/// <summary>
/// The content that a request is sent with in place of the caller's, and the way back: <see cref="Restore"/> must be called
/// before the request goes back to its caller.
/// </summary>
/// <remarks>
/// A request without content whose method may not be repeated is sent with an empty one, which keeps SocketsHttpHandler from
/// replaying it, unseen, when a reused connection dies. The empty content is a new one each time: a handler may write to its
/// headers, and who disposes a request disposes its content, so one instance for all would not stay as it is.
/// </remarks>
internal sealed class ContentSwap
{
    /// <summary>The caller's content, which can be sent again as it is.</summary>
    public static readonly ContentSwap Nothing = new(null, null, null);

    private readonly HttpRequestMessage? _swapped;
    private readonly HttpContent? _original;
    private readonly ReplayContent? _replay;

    private ContentSwap(HttpRequestMessage? swapped, HttpContent? original, ReplayContent? replay)
    {
        _swapped = swapped;
        _original = original;
        _replay = replay;
    }

    /// <summary>Whether the content can be sent from its beginning, now.</summary>
    public bool CanReplay => _replay?.CanReplay ?? true;

    /// <summary>Whether it may be so once more, when it has been sent.</summary>
    public bool IsKept => _replay?.IsKept ?? true;

    /// <summary>What the caller's own content threw, of itself, while it was sent; null while it has not.</summary>
    public Exception? Failure => _replay?.Failure;

    /// <summary>Whether the handler told the caller's own content to stop being sent.</summary>
    public bool IsInterrupted => _replay?.IsInterrupted == true;

    /// <summary>Whether <see cref="WhenSentAsync"/> has nothing to wait for.</summary>
    public bool IsSent => _replay is not { AllowsDuplex: false, Sending.IsCompleted: false };

    /// <summary>Whether nothing of the content goes out any more, as far as it is watched.</summary>
    public bool IsDone => _replay is not { Sending.IsCompleted: false };

    /// <summary>Whether an observer is told when the content is sent.</summary>
    public bool IsWatched => _replay?.Observer is not null;

    /// <summary>Gives the request the content that it is to be sent with.</summary>
    /// <param name="request">The caller's request.</param>
    /// <param name="mayRetry">Whether a retry could be allowed, so that a copy is worth its price.</param>
    /// <param name="translate">What the content's writer is told in place of what its stream threw; null leaves all as it is.</param>
    /// <param name="observer">Sees the content go out, whatever its kind; null where nobody asks.</param>
    /// <param name="maxCopy">Bytes copied at most.</param>
    public static ContentSwap Apply(
        HttpRequestMessage request,
        bool mayRetry,
        Func<Exception, Exception?>? translate = null,
        ISendingObserver? observer = null,
        int maxCopy = ReplayContent.MaxCopy)
    {
        HttpContent? content = request.Content;
        if (content is null)
        {
            if (MayBeReplayedUnseen(request.Method))
            {
                return Nothing;
            }

            request.Content = new ByteArrayContent([]);
            return new ContentSwap(request, null, null);
        }

        ReplayMode mode = Replay.Classify(request);
        if (mode == ReplayMode.AsIs && observer is null)
        {
            return Nothing;
        }

        // Without a copy too: whether its sending has begun decides whether another endpoint may be tried.
        var replay = new ReplayContent(content, mode == ReplayMode.Copy && mayRetry ? maxCopy : 0)
        {
            Translate = mode == ReplayMode.AsIs ? null : translate,
            Observer = observer,
            GivesTheSame = mode == ReplayMode.AsIs,
        };
        request.Content = replay;
        return new ContentSwap(request, content, replay);
    }

    /// <summary>
    /// Waits until the body is sent where a bare handler would have. SocketsHttpHandler hands out an HTTP/2 response before the
    /// body is sent only if the content is none of the framework's own, and cannot see which one is inside of ours. To be
    /// called when a response has come, before the caller gets it.
    /// </summary>
    public ValueTask WhenSentAsync(CancellationToken cancellationToken) =>
        IsSent ? ValueTask.CompletedTask : new ValueTask(WaitAsync(_replay!.Sending, cancellationToken));

    /// <summary>Gives the request its own content back, and frees the copy.</summary>
    public void Restore()
    {
        if (_swapped is null)
        {
            return;
        }

        try
        {
            _swapped.Content = _original;
        }
        catch (ObjectDisposedException)
        {
            // The caller disposed its request while it was under way, which would have disposed its content too.
            _original?.Dispose();
        }

        _replay?.Dispose();
    }

    private static bool MayBeReplayedUnseen(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace
        || method == HttpMethod.Connect;

    private static async Task WaitAsync(Task sending, CancellationToken cancellationToken)
    {
        // How the sending failed is the handler's to tell, and it has answered; only the caller's cancellation matters here.
        await sending.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

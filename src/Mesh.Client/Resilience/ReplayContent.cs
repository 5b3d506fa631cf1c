using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Resilience;

/// <summary>
/// A caller's content that is copied while it is sent, so that it can be sent again. The bytes go on as they come, flushes
/// included; nothing is held back.
/// </summary>
/// <remarks>
/// It can be sent again when its sending never began, or when it ended and all of it fit into the copy. A sending that was cut
/// off leaves it unsendable: the inner content pushes its bytes and cannot be told to go on where it stopped. The same holds
/// while a sending is under way. Beyond its limit, by default <see cref="MaxCopy"/> bytes, the copy is given up (Linkerd's limit).
/// <para>Disposing it frees the copy, not the caller's content; a sending under way then goes on without a copy.</para>
/// </remarks>
internal sealed class ReplayContent : HttpContent
{
    /// <summary>Bytes copied at most, unless a policy says otherwise.</summary>
    public const int MaxCopy = 64 * 1024;

    private const int FirstRent = 4096;

    private readonly Lock _lock = new();
    private readonly HttpContent _inner;
    private readonly int _maxCopy;
    private volatile State _state;
    private byte[] _copy = [];
    private int _length;
    private int _readers;
    private bool _stopped;

    /// <param name="inner">The caller's content.</param>
    /// <param name="maxCopy">Bytes copied at most; with 0 it can be sent again only if its sending never began.</param>
    public ReplayContent(HttpContent inner, int maxCopy = MaxCopy)
    {
        _inner = inner;
        _maxCopy = maxCopy;
        foreach ((string name, HeaderStringValues values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    private enum State
    {
        NotBegun,
        Sending,
        Copied,
        Lost,
    }

    /// <summary>Whether it can be sent from its beginning, now.</summary>
    public bool CanReplay => GivesTheSame || _state is State.NotBegun or State.Copied;

    /// <summary>Whether it can be once it has been sent, if that is not too long.</summary>
    public bool IsKept => GivesTheSame || _maxCopy > 0;

    /// <summary>Whether the inner content gives the same bytes each time that it is sent: no copy is needed.</summary>
    public bool GivesTheSame { get; init; }

    /// <summary>Sees it go out; null where nobody asks.</summary>
    public ISendingObserver? Observer { get; init; }

    /// <summary>What the inner content threw of itself, not for the stream that it was sent over; null while it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether the handler told a sending to stop, as when the peer ends its stream.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>The latest sending; completed when there was none.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Whether a response may come before the body is sent (HTTP/2). The framework's own contents forbid it by a member that is
    /// internal to System.Net.Http; JsonContent and the contents of others allow it.
    /// </summary>
    public bool AllowsDuplex => _inner is not (ByteArrayContent or ReadOnlyMemoryContent or StreamContent or MultipartContent);

    /// <summary>What a content's writer is told in place of what its stream threw; null leaves it as it is.</summary>
    public Func<Exception, Exception?>? Translate { get; init; }

    /// <summary>Takes in bytes on their way out.</summary>
    public void Copy(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            if (bytes.Length > _maxCopy - _length)
            {
                Stop();
                return;
            }

            if (bytes.Length > _copy.Length - _length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstRent, Math.Max(_length + bytes.Length, 2 * _length)));
                _copy.AsSpan(0, _length).CopyTo(larger);
                Return();
                _copy = larger;
            }

            bytes.CopyTo(_copy.AsSpan(_length));
            _length += bytes.Length;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        bool isFirst = Begin();
        return Sending = Observer is { } observer
            ? SendObservedAsync(observer, isFirst, stream, context, cancellationToken)
            : SendAnyAsync(isFirst, stream, context, cancellationToken);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!Begin())
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                stream.Write(_copy, 0, _length);
            }
            finally
            {
                EndReading();
            }

            return;
        }

        bool complete = false;
        var through = new ReplayStream(stream, this);
        try
        {
            _inner.CopyTo(through, context, cancellationToken);
            complete = true;
        }
        catch (HttpRequestException e) when (IsWrapped(e))
        {
            Note(e.InnerException!, through);
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }
        catch (Exception e)
        {
            Note(e, through);
            throw;
        }
        finally
        {
            EndSending(complete);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        long? known = _inner.Headers.ContentLength;
        length = known.GetValueOrDefault();
        return known.HasValue;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_lock)
            {
                if (_state != State.Sending)
                {
                    _state = State.Lost;
                }

                Stop();
            }
        }

        base.Dispose(disposing);
    }

    // CopyTo wraps what the stream threw, as it would for a caller; the handler that sends us wants it as it was.
    private static bool IsWrapped(HttpRequestException e) => e.InnerException is IOException or ObjectDisposedException;

    // A failure that is not the stream's is the content's own; cancellation is nobody's.
    private void Note(Exception exception, ReplayStream stream)
    {
        if (!stream.HasFailed && exception is not OperationCanceledException)
        {
            Failure = exception;
        }
    }

    private Task SendAnyAsync(bool isFirst, Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        isFirst ? SendAsync(stream, context, cancellationToken) : SendCopyAsync(stream, cancellationToken);

    private async Task SendObservedAsync(
        ISendingObserver observer, bool isFirst, Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        TimeoutSource? attempt = observer.Sending();
        await SendAnyAsync(isFirst, stream, context, cancellationToken).ConfigureAwait(false);
        observer.Sent(attempt);
    }

    private async Task SendAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        bool complete = false;
        var through = new ReplayStream(stream, this);
        try
        {
            await _inner.CopyToAsync(through, context, cancellationToken).ConfigureAwait(false);
            complete = true;
        }
        catch (HttpRequestException e) when (IsWrapped(e))
        {
            Note(e.InnerException!, through);
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }
        catch (Exception e)
        {
            IsInterrupted = e is OperationCanceledException && cancellationToken.IsCancellationRequested;
            Note(e, through);
            throw;
        }
        finally
        {
            EndSending(complete);
        }
    }

    private async Task SendCopyAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            Observer?.Waiting();
            await stream.WriteAsync(_copy.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Observer?.Waited();
            EndReading();
        }
    }

    /// <summary>True: the inner content is to be sent; false: the copy is, and is held until <see cref="EndReading"/>.</summary>
    private bool Begin()
    {
        lock (_lock)
        {
            switch (_state)
            {
                case State.NotBegun:
                case not State.Copied when GivesTheSame:
                    _state = State.Sending;
                    return true;
                case State.Copied:
                    _readers++;
                    return false;
                default:
                    throw new ContentSpentException();
            }
        }
    }

    private void EndSending(bool complete)
    {
        lock (_lock)
        {
            bool copied = complete && !_stopped && _maxCopy > 0;
            _state = copied ? State.Copied : State.Lost;
            if (!copied)
            {
                Stop();
            }
        }
    }

    private void EndReading()
    {
        lock (_lock)
        {
            _readers--;
            if (_stopped)
            {
                Return();
            }
        }
    }

    private void Stop()
    {
        _stopped = true;
        Return();
    }

    private void Return()
    {
        // Who is still writing the copy to a connection gives it back when done.
        if (_readers == 0 && _copy.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_copy);
            _copy = [];
        }
    }
}

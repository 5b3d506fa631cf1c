using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>An answer's body as it comes, in lines or as a whole. One that says nothing for too long is given up.</summary>
internal sealed class ApiStream : IAsyncDisposable
{
    /// <summary>A longer line is left out: an object in etcd has at most 1.5 MB by default.</summary>
    public const int MaxLineBytes = 32 * 1024 * 1024;

    private readonly HttpResponseMessage _response;
    private readonly PipeReader _reader;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _cancellationToken;
    private SequencePosition _consumed;
    private bool _isHeld;

    private ApiStream(
        HttpResponseMessage response, Stream body, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _response = response;
        _reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Patience = patience;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token, _end.Token);
        _cancellationToken = cancellationToken;
    }

    /// <summary>So long it may be silent, from now on and from each word on.</summary>
    public TimeSpan Patience
    {
        get;
        set
        {
            field = value;
            _silence.CancelAfter(value);
        }
    }

    /// <summary>Whether it was given up for its silence.</summary>
    public bool WasSilent => _silence.IsCancellationRequested;

    /// <summary>Whether it was given up as <see cref="EndAfter"/> says.</summary>
    public bool HasEnded => _end.IsCancellationRequested;

    /// <summary>Whether HTTP/2 pings find a dead connection.</summary>
    public bool HasPings => _response.Version.Major >= 2;

    /// <summary>How many lines were left out for their length.</summary>
    public int TooLong { get; private set; }

    /// <param name="response">Disposed with it.</param>
    /// <param name="patience">So long it may be silent.</param>
    /// <param name="time">Measures that.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ApiStream> OpenAsync(
        HttpResponseMessage response, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            body = new GZipStream(body, CompressionMode.Decompress);
        }

        return new ApiStream(response, body, patience, time, cancellationToken);
    }

    /// <summary>The failure of a connection, in words.</summary>
    public static ApiException Lost(Exception exception) =>
        new(ApiFailure.Unreachable, RpcReason.Clean(exception.GetBaseException().Message).TrimEnd('.'), cause: exception);

    /// <summary>The next line, which holds until the next call; null: the server has ended the stream. Empty ones are left out.</summary>
    /// <exception cref="ApiException">The connection was lost, or is silent.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadLineAsync()
    {
        Release();
        long scanned = 0;
        bool skips = false;
        while (true)
        {
            ReadResult read = await ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (buffer.Slice(scanned).PositionOf((byte)'\n') is { } end)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, end);
                _consumed = buffer.GetPosition(1, end);
                _isHeld = true;
                if (!skips && line.Length is > 0 and <= MaxLineBytes)
                {
                    return line;
                }

                TooLong += skips || line.Length > 0 ? 1 : 0;
                (scanned, skips) = (0, false);
                Release();
                continue;
            }

            skips |= buffer.Length > MaxLineBytes;
            scanned = skips ? 0 : buffer.Length;
            _reader.AdvanceTo(skips ? buffer.End : buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                // What was left of a line is worth nothing.
                return null;
            }
        }
    }

    /// <summary>Has it given up then, whatever comes. Zero or less: now.</summary>
    public void EndAfter(TimeSpan time) => _end.CancelAfter(time > TimeSpan.Zero ? time : TimeSpan.Zero);

    /// <summary>All of it, which holds until disposal.</summary>
    /// <param name="maxBytes">Of the most that is taken.</param>
    /// <exception cref="ApiException">The connection was lost, or is silent, or brings too much.</exception>
    public async Task<ReadOnlySequence<byte>> ReadAllAsync(int maxBytes)
    {
        while (true)
        {
            ReadResult read = await ReadAsync().ConfigureAwait(false);
            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            if (read.Buffer.Length > maxBytes)
            {
                throw new ApiException(ApiFailure.Failed, $"its answer is longer than {maxBytes} bytes");
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public ValueTask DisposeAsync()
    {
        // First of all: the disposal of a response that is not at its end ends the stream or the connection, and does not wait.
        _response.Dispose();
        _either.Dispose();
        _silence.Dispose();
        _end.Dispose();
        return _reader.CompleteAsync();
    }

    private void Release()
    {
        if (_isHeld)
        {
            _reader.AdvanceTo(_consumed);
            _isHeld = false;
        }
    }

    private async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            ReadResult read = await _reader.ReadAsync(_either.Token).ConfigureAwait(false);
            _silence.CancelAfter(Patience);
            return read;
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(ApiFailure.Unreachable, $"it has said nothing for {Patience.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            throw Lost(exception);
        }
    }
}

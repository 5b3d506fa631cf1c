using System.Buffers;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.Kubernetes.Watching;

/// <content>Events that could not be read: nobody knows what they said, so the list is read anew, but not for each of them.</content>
internal sealed partial class Reflector<T>
{
    private static readonly TimeSpan FirstRelist = TimeSpan.FromSeconds(5);

    // The time when the list is to be read anew; null: nothing was missed. The watch goes on until then.
    private long? _relistAt;
    private AskingAgain _relists;
    private long _missedAt;
    private bool _hasMissed;

    private void Miss(string problem)
    {
        _reader.Refuse("event", problem);
        if (_initial is not null)
        {
            // All of it is being read.
            return;
        }

        if (_relistAt is null)
        {
            bool isFirst = !_hasMissed || _time.GetElapsedTime(_missedAt) >= AskingAgain.Most * 2;
            if (isFirst)
            {
                _relists.Reset();
            }

            TimeSpan wait = isFirst ? FirstRelist * Random.Shared.NextDouble() : _relists.Next();
            (_hasMissed, _missedAt) = (true, _time.GetTimestamp());
            _relistAt = _missedAt + (long)(wait.TotalSeconds * _time.TimestampFrequency);
        }
    }

    /// <returns>Null: the stream has ended.</returns>
    private async ValueTask<ReadOnlySequence<byte>?> ReadUntilRelistAsync(ApiStream stream)
    {
        if (_relistAt is { } due)
        {
            stream.EndAfter(_time.GetElapsedTime(_time.GetTimestamp(), due));
        }

        try
        {
            return await stream.ReadLineAsync().ConfigureAwait(false);
        }
        catch (ApiException) when (stream.HasEnded)
        {
            _relistAt = null;
            Relist();
            return null;
        }
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.Kubernetes.Watching;

/// <content>The watch.</content>
internal sealed partial class Reflector<T>
{
    // While a watch that begins with the list has not sent all of it: what has come so far.
    private ImmutableDictionary<string, T>.Builder? _initial;

    // Whether silence ends this watch as any other end does: it is resumed, and nothing is said of an outage.
    private bool _mayFallSilent;
    private bool _hasBookmarks;

    private async Task<Pause> WatchAsync(bool isStreamed, CancellationToken cancellationToken)
    {
        _mayFallSilent = _hasBookmarks = false;
        _initial = isStreamed ? ImmutableDictionary.CreateBuilder<string, T>() : null;
        TimeSpan lasts = Between(server.WantsShortWatches && !isStreamed ? server.Timeouts.ShortWatch : server.Timeouts.Watch);
        long opened = _time.GetTimestamp();
        ApiStream stream = await server.WatchAsync(
            resource, WatchUri(isStreamed, lasts), lasts, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                bool spoke = isStreamed
                    ? await ReadInitialAsync(stream).ConfigureAwait(false)
                    : await ReadAsync(stream).ConfigureAwait(false);
                return End(spoke, _time.GetElapsedTime(opened));
            }
            finally
            {
                if (_initial is null && _time.GetElapsedTime(opened) >= Short)
                {
                    Progress();
                }
            }
        }
    }

    // All of the list, then what follows.
    private async Task<bool> ReadInitialAsync(ApiStream stream)
    {
        TimeSpan patience = stream.Patience;
        stream.Patience = server.Timeouts.Answer < patience ? server.Timeouts.Answer : patience;
        try
        {
            while (_initial is not null)
            {
                if (await ReadLineAsync(stream).ConfigureAwait(false) is not { } line)
                {
                    return false;
                }

                Take(line);
            }
        }
        catch (ApiException) when (stream.WasSilent)
        {
            server.StreamedLists.Suspect(resource.Group);
            throw;
        }

        server.StreamedLists.Confirm(resource.Group);
        stream.Patience = patience;

        // Where there are no pings bookmarks are too far apart to tell a dead connection: a short watch follows, which does.
        _mayFallSilent |= !stream.HasPings;
        await ReadAsync(stream).ConfigureAwait(false);
        return true;
    }

    /// <returns>Whether it said anything.</returns>
    private async Task<bool> ReadAsync(ApiStream stream)
    {
        Hear();
        bool spoke = false;
        while (await ReadLineAsync(stream).ConfigureAwait(false) is { } line)
        {
            spoke = true;
            Take(line);
            if (_hasBookmarks && !_mayFallSilent && stream.HasPings)
            {
                stream.Patience = Between(server.Timeouts.Bookmarks);
                _mayFallSilent = true;
            }
        }

        return spoke;
    }

    private async ValueTask<ReadOnlySequence<byte>?> ReadLineAsync(ApiStream stream)
    {
        int tooLong = stream.TooLong;
        ReadOnlySequence<byte>? line;
        try
        {
            line = await ReadUntilRelistAsync(stream).ConfigureAwait(false);
        }
        catch (ApiException) when (_mayFallSilent && stream.WasSilent)
        {
            return null;
        }

        for (; tooLong < stream.TooLong; tooLong++)
        {
            Miss($"is longer than {ApiStream.MaxLineBytes} bytes");
        }

        return line;
    }

    private string WatchUri(bool isStreamed, TimeSpan lasts)
    {
        string seconds = ((int)Math.Ceiling(lasts.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return isStreamed
            ? resource.Uri(
                ("watch", "true"),
                ("allowWatchBookmarks", "true"),
                ("sendInitialEvents", "true"),
                ("resourceVersionMatch", "NotOlderThan"),
                ("resourceVersion", ListVersion),
                ("timeoutSeconds", seconds))
            : resource.Uri(
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", _version), ("timeoutSeconds", seconds));
    }

    // Servers end watches when their time is up and when they stop. One that only ever ends them is of no use.
    private Pause End(bool spoke, TimeSpan lasted)
    {
        if (_initial is not null)
        {
            Lose("it ended the list before its end", "is out of reach");
            return Pause.Backoff;
        }

        if (lasted >= Short)
        {
            return Pause.None;
        }

        if (!spoke)
        {
            Lose("it ended the watch at once", "is out of reach");
        }

        return Pause.Backoff;
    }

    private void Take(ReadOnlySequence<byte> line)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            Miss("is no JSON");
            return;
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (JsonText.Of(root, "type") is { } type && root.TryGetProperty("object", out JsonElement sent))
            {
                Take(type, sent);
            }
            else
            {
                Miss("has no type or no object");
            }
        }
    }

    private void Take(string type, JsonElement sent)
    {
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                Change(sent, isGone: false);
                break;
            case "DELETED":
                Change(sent, isGone: true);
                break;
            case "BOOKMARK":
                Mark(sent);
                break;
            case "ERROR":
                throw ApiErrors.Of(ApiStatus.Read(500, sent), resource, "watch");
            default:
                Miss("is of a type that does not exist");
                break;
        }
    }

    private void Mark(JsonElement sent)
    {
        if (ObjectReader<T>.VersionOf(sent) is not { Length: > 0 } version)
        {
            _reader.Refuse("bookmark", "has no version");
        }
        else if (_initial is null)
        {
            _hasBookmarks = true;
            See(version);
            Progress();
        }
        else if (ObjectReader<T>.EndsInitialEvents(sent))
        {
            ImmutableDictionary<string, T> items = _initial.ToImmutable();
            _initial = null;
            Know(items, version);
        }
    }

    private void Change(JsonElement sent, bool isGone)
    {
        if (_reader.KeyOf(sent) is not { } key)
        {
            return;
        }

        if (_initial is { } initial)
        {
            if (isGone)
            {
                initial.Remove(key);
            }
            else
            {
                Add(initial, sent);
            }

            return;
        }

        Progress();
        if (ObjectReader<T>.VersionOf(sent) is not { Length: > 0 } version)
        {
            _reader.Refuse("metadata.resourceVersion", "is missing");
        }
        else if (!ResourceVersion.HasSeen(_version, version))
        {
            // One that was sent again after a resume is behind us. An object that makes no sense is passed by, and its last state stands.
            _version = version;
            if (isGone)
            {
                Publish(_state with { Items = _state.Items.Remove(key) }, key);
            }
            else if (_reader.Read(sent) is { } item)
            {
                Publish(_state with { Items = _state.Items.SetItem(key, item) }, key);
            }
        }
    }

    private void See(string version)
    {
        if (!ResourceVersion.HasSeen(_version, version))
        {
            _version = version;
            sink.Reach(version);
        }
        else if (version != _version)
        {
            Forget();
            throw new ApiException(ApiFailure.Gone, $"its versions of {resource.Name} have gone back: it was restored");
        }
    }
}

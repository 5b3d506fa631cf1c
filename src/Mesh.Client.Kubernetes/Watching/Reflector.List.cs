using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.Kubernetes.Watching;

/// <content>The list, in pages.</content>
internal sealed partial class Reflector<T>
{
    private const int PageSize = 500;

    // The first may come from the server's cache, as that of every client of Kubernetes does ("0"): it costs etcd nothing. Later ones may
    // as well, as long as they are not older than what was seen: a cache that lags would take us back in time. Where the server has
    // nothing so new, only the most recent (no version) will do.
    private string? ListVersion => _least ?? (_wantsNewest ? null : "0");

    private string? ListMatch => _least is null ? null : "NotOlderThan";

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var items = ImmutableDictionary.CreateBuilder<string, T>();
        string? limit = PageSize.ToString(CultureInfo.InvariantCulture);
        string? version = null, next = null;
        do
        {
            string uri = next is null
                ? resource.Uri(("limit", limit), ("resourceVersion", ListVersion), ("resourceVersionMatch", ListMatch))
                : resource.Uri(("limit", limit), ("continue", next));
            try
            {
                ApiPage page = await server.ListAsync(resource, uri, cancellationToken).ConfigureAwait(false);
                await using (page.ConfigureAwait(false))
                {
                    AddPage(items, page.Items);
                    version ??= page.Version;
                    next = page.Continue;
                }
            }
            catch (ApiException exception) when (exception.Failure is ApiFailure.Gone && next is not null)
            {
                // The pages took longer than the server keeps a version: all at once, then.
                items.Clear();
                (limit, version, next) = (null, null, null);
            }
            catch (ApiException exception) when (exception.Failure is ApiFailure.Gone && _least is not null)
            {
                Forget();
            }
        }
        while (version is null || next is not null);

        Know(items.ToImmutable(), version);
    }

    private void AddPage(ImmutableDictionary<string, T>.Builder items, JsonElement page)
    {
        if (page.ValueKind is JsonValueKind.Array)
        {
            foreach (JsonElement sent in page.EnumerateArray())
            {
                Add(items, sent);
            }
        }
    }

    private void Add(ImmutableDictionary<string, T>.Builder items, JsonElement sent)
    {
        // Where it makes no sense the last that did stands.
        if (_reader.KeyOf(sent) is { } key && (_reader.Read(sent) ?? _state.Items.GetValueOrDefault(key)) is { } item)
        {
            items[key] = item;
        }
    }

    private void Know(ImmutableDictionary<string, T> items, string version)
    {
        Hear();
        (_version, _least, _wantsNewest) = (version, null, true);
        _relistAt = null;
        Publish(new ResourceState<T>(ResourceStatus.Known, items));
    }
}

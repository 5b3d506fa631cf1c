using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>The objects, with one version for all of them, and the history that watches are served from.</summary>
internal sealed class ObjectStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<StoredChange> _history = [];
    private readonly List<OpenWatch> _watches = [];
    private readonly Dictionary<string, (string Version, string[] Left)> _continued = [];
    private ulong _start = 100_000_000;
    private ulong _version;
    private ulong _oldest;

    public ObjectStore() => _version = _oldest = _start;

    public string Version
    {
        get
        {
            lock (_lock)
            {
                return _version.ToString();
            }
        }
    }

    public OpenWatch[] Watches
    {
        get
        {
            lock (_lock)
            {
                return [.. _watches];
            }
        }
    }

    /// <summary>Adds or replaces.</summary>
    public void Set<T>(ResourceType<T> type, T item)
        where T : class, IKubernetesObject<V1ObjectMeta> => SetJson(type.Group, type.Plural, KubernetesJson.Serialize(item));

    /// <summary>The same for what is no object of the type.</summary>
    public void SetJson(string group, string plural, string json)
    {
        var item = (JsonObject)JsonNode.Parse(json)!;
        lock (_lock)
        {
            string key = Key(group, plural, (string?)item["metadata"]!["namespace"] ?? "", (string)item["metadata"]!["name"]!);
            item["metadata"]!["resourceVersion"] = (++_version).ToString();
            JsonObject? before = _objects.GetValueOrDefault(key);
            _objects[key] = item;
            Tell(new StoredChange(_version, (group, plural), before, item));
        }
    }

    /// <summary>
    /// Makes or changes an object as the server does: with its version where one is given, and not at all where nothing differs.
    /// </summary>
    /// <returns>The status code, and the object or what is wrong.</returns>
    public (int Code, string Answer) Write(ApiCall call, JsonObject sent)
    {
        lock (_lock)
        {
            string name = call.Verb == "create" ? (string)sent["metadata"]!["name"]! : call.Name;
            string key = Key(call.Group, call.Plural, call.Namespace, name);
            JsonObject? before = _objects.GetValueOrDefault(key);
            string? version = (string?)sent["metadata"]?["resourceVersion"];
            bool isApply = call.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true;
            if (call.Verb == "create"
                ? before is not null
                : version is not null && version != (string?)before?["metadata"]!["resourceVersion"])
            {
                return (409, $"{call.Plural} \"{name}\" conflicts");
            }

            // As if all fields of what is there were another's.
            if (isApply && before is not null && call["force"] != "true")
            {
                return (409, $"Apply failed with 1 conflict: conflict with \"another\": .data of {call.Plural} \"{name}\"");
            }

            if (call.Verb == "update" && before is not null && (string?)sent["type"] != (string?)before["type"])
            {
                return (422, $"{call.Plural} \"{name}\" is invalid: type: field is immutable");
            }

            if (before is null && call.Verb != "create" && !isApply)
            {
                return (404, $"{call.Plural} \"{name}\" not found");
            }

            JsonObject after = before is not null && call.Verb == "patch"
                ? (JsonObject)JsonMerge.Into(before.DeepClone(), sent)
                : (JsonObject)sent.DeepClone();
            JsonNode metadata = after["metadata"]!;
            metadata["uid"] = (string?)before?["metadata"]!["uid"] ?? Guid.NewGuid().ToString();
            metadata["resourceVersion"] = (string?)before?["metadata"]!["resourceVersion"];
            if (before is null || !JsonNode.DeepEquals(before, after))
            {
                metadata["resourceVersion"] = (++_version).ToString();
                _objects[key] = after;
                Tell(new StoredChange(_version, (call.Group, call.Plural), before, after));
            }

            return (before is null ? 201 : 200, after.ToJsonString());
        }
    }

    /// <summary>How often objects of a kind were made, changed or deleted.</summary>
    public int Changes<T>(ResourceType<T> type)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            return _history.Count(change => change.Kind == (type.Group, type.Plural));
        }
    }

    /// <summary>One object as it stands; null: there is none.</summary>
    public T? Get<T>(ResourceType<T> type, string @namespace, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            return _objects.TryGetValue(Key(type.Group, type.Plural, @namespace, name), out JsonObject? item)
                ? KubernetesJson.Deserialize<T>(item.ToJsonString())
                : null;
        }
    }

    public bool Delete<T>(ResourceType<T> type, string @namespace, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            if (!_objects.Remove(Key(type.Group, type.Plural, @namespace, name), out JsonObject? before))
            {
                return false;
            }

            Tell(new StoredChange(++_version, (type.Group, type.Plural), before, null));
            return true;
        }
    }

    /// <summary>Name and version of all of a kind in a namespace.</summary>
    public Dictionary<string, string> Versions<T>(ResourceType<T> type, string @namespace, string? labels = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var selector = new ListSelector(@namespace, labels, null);
        lock (_lock)
        {
            return Of(type.Group, type.Plural).Where(selector.Selects).ToDictionary(
                item => (string)item["metadata"]!["name"]!, item => (string)item["metadata"]!["resourceVersion"]!);
        }
    }

    /// <summary>Says on every watch how far it has come.</summary>
    public void Bookmark()
    {
        lock (_lock)
        {
            foreach (OpenWatch watch in _watches)
            {
                watch.Say(OpenWatch.Kind.Line, StoredChange.Bookmark(_version));
            }
        }
    }

    /// <summary>Forgets the history, and what is left of lists: who is behind is gone.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            _version++;
            _oldest = _version;
            _history.Clear();
            _continued.Clear();
        }
    }

    /// <summary>As after the restoration of a backup: versions begin again, below all that there were.</summary>
    public void Rewind()
    {
        lock (_lock)
        {
            _start /= 2;
            _oldest = _version = _start;
            _history.Clear();
            foreach (JsonObject item in _objects.Values)
            {
                item["metadata"]!["resourceVersion"] = (++_version).ToString();
            }

            _oldest = _version;
        }
    }

    /// <summary>Whether a list is asked for that is not older than a version which there is not yet.</summary>
    public bool IsAhead(ApiCall call)
    {
        lock (_lock)
        {
            return call["resourceVersionMatch"] is "NotOlderThan" && ulong.Parse(call["resourceVersion"] ?? "0") > _version;
        }
    }

    /// <returns>Null: what it continues is gone.</returns>
    public (string Version, string[] Items, string? Continue, int Left)? List(ApiCall call, bool ignoresLimit)
    {
        lock (_lock)
        {
            (string Version, string[] Left) list;
            if (call["continue"] is { } token)
            {
                if (!_continued.Remove(token, out list))
                {
                    return null;
                }
            }
            else
            {
                ListSelector selector = SelectorOf(call);
                list = (_version.ToString(), [.. Of(call.Group, call.Plural).Where(selector.Selects).Select(item => item.ToJsonString())]);
            }

            int limit = ignoresLimit || call["limit"] is not { } text ? int.MaxValue : int.Parse(text);
            if (list.Left.Length <= limit)
            {
                return (list.Version, list.Left, null, 0);
            }

            string next = Guid.NewGuid().ToString("N");
            _continued[next] = (list.Version, list.Left[limit..]);
            return (list.Version, list.Left[..limit], next, list.Left.Length - limit);
        }
    }

    /// <summary>Opens a watch.</summary>
    /// <returns>Or the status code that it is refused with.</returns>
    public (OpenWatch? Watch, int Code) Watch(ApiCall call, bool streams)
    {
        lock (_lock)
        {
            ListSelector selector = SelectorOf(call);
            var watch = new OpenWatch(call, selector);
            if (call.IsStreamedList && IsAhead(call))
            {
                return (null, 504);
            }

            if (call.IsStreamedList || call["resourceVersion"] is null or "0")
            {
                foreach (JsonObject item in Of(call.Group, call.Plural).Where(selector.Selects))
                {
                    watch.Say(OpenWatch.Kind.Line, StoredChange.Event("ADDED", item));
                }

                if (streams && call.IsStreamedList)
                {
                    watch.Say(OpenWatch.Kind.Line, StoredChange.Bookmark(_version, endsInitialEvents: true));
                }
            }
            else
            {
                ulong from = ulong.Parse(call["resourceVersion"]!);
                if (from < _oldest || from > _version)
                {
                    return (null, from < _oldest ? 410 : 504);
                }

                foreach (StoredChange change in _history.Where(change => change.Version > from))
                {
                    Tell(watch, change);
                }
            }

            _watches.Add(watch);
            return (watch, 200);
        }
    }

    public void Close(OpenWatch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
        }
    }

    private static string Key(string group, string plural, string @namespace, string name) => $"{group}/{plural}/{@namespace}/{name}";

    private static ListSelector SelectorOf(ApiCall call) => new(call.Namespace, call["labelSelector"], call["fieldSelector"]);

    private IEnumerable<JsonObject> Of(string group, string plural)
    {
        string prefix = Key(group, plural, "", "")[..^1];
        return _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => pair.Value);
    }

    private void Tell(StoredChange change)
    {
        _history.Add(change);
        foreach (OpenWatch watch in _watches)
        {
            Tell(watch, change);
        }
    }

    private static void Tell(OpenWatch watch, StoredChange change)
    {
        if (change.Kind == (watch.Call.Group, watch.Call.Plural) && change.EventFor(watch.Selector) is { } line)
        {
            watch.Say(OpenWatch.Kind.Line, line);
        }
    }
}

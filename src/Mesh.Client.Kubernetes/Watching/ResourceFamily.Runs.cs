namespace Mesh.Client.Kubernetes.Watching;

/// <content>The watches, and who is served by which.</content>
internal sealed partial class ResourceFamily<T>
{
    private void ShowAll(ResourceState<T> state, string? key, string? version)
    {
        bool isSame = ReferenceEquals(state.Items, _state.Items);
        (_state, _version) = (state, version ?? _version);
        if (state.Status is ResourceStatus.Denied)
        {
            Part();
        }

        foreach (ResourceView<T> view in _views.Values)
        {
            if (view is { Selector: not null, Own: null })
            {
                Show(view, state, view.State.Status != state.Status ? null : key, isSame);
            }
        }

        Join();
    }

    // Whoever has a watch of its own gives it up once that of the namespace has come as far: nobody goes back in time.
    private void Join()
    {
        if (_state.Status is not ResourceStatus.Known)
        {
            return;
        }

        foreach (ResourceView<T> view in _views.Values)
        {
            if (view is { Selector: not null, Own: not null } && !ResourceVersion.IsBehind(_version, view.Version))
            {
                StopOwn(view);
                view.ShowPart(_state, key: null);
            }
        }
    }

    private static void Show(ResourceView<T> view, ResourceState<T> state, string? key, bool isSame)
    {
        if (isSame && view.State.Status == state.Status)
        {
            view.Show(view.State with { Problem = state.Problem });
        }
        else
        {
            view.ShowPart(state, key);
        }
    }

    // Who may not list a namespace may still be allowed to list what has a certain name.
    private void Part()
    {
        _mayNotShare = true;
        bool isWanted = false;
        foreach (((string? labels, string? fields), ResourceView<T> view) in _views)
        {
            if (view.Selector is { IsAll: true })
            {
                isWanted = true;
            }
            else if (view is { Selector: not null, Own: null })
            {
                StartOwn(view, labels, fields);
            }
        }

        if (!isWanted)
        {
            StopWhole();
        }
    }

    private void StartOwn(ResourceView<T> view, string? labels, string? fields)
    {
        var sink = new Sink(this, view);
        sink.Run = view.Own = ReflectorRun.Start(
            new Reflector<T>(server, Resource(labels, fields), type, sink, view.Demand, log));
    }

    private void StartWhole()
    {
        (_state, _version) = (ResourceState<T>.Unknown, null);
        var sink = new Sink(this, view: null);

        // Who is served already must not go back in time.
        sink.Run = _whole = ReflectorRun.Start(
            new Reflector<T>(server, Resource(null, null), type, sink, _demand, log, wantsNewest: _views.Count > 1));
    }

    private void StopOwn(ResourceView<T> view)
    {
        Stop(view.Own);
        (view.Own, view.Version) = (null, null);
    }

    private void StopWhole()
    {
        Stop(_whole);
        _whole = null;
    }

    private void Stop(ReflectorRun? run)
    {
        if (run is not null)
        {
            _stopping.RemoveAll(static task => task.IsCompleted);
            _stopping.Add(run.Done);
            run.Stop();
        }
    }

    private sealed class Sink(ResourceFamily<T> family, ResourceView<T>? view) : IResourceSink<T>
    {
        public ReflectorRun? Run { get; set; }

        // A reflector that was stopped may be on its way still.
        public void Publish(ResourceState<T> state, string? key, string? version)
        {
            lock (family._lock)
            {
                if (view is not null && view.Own == Run)
                {
                    view.Version = ReferenceEquals(state.Items, view.State.Items) ? view.Version : version;
                    view.Show(state);
                }
                else if (view is null && family._whole == Run)
                {
                    family.ShowAll(state, key, version);
                }
            }
        }

        public void Reach(string version)
        {
            lock (family._lock)
            {
                if (view is null && family._whole == Run)
                {
                    family._version = version;
                    family.Join();
                }
            }
        }
    }
}

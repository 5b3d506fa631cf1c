using System.Collections.Immutable;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// What the filters of a rule, and on top of them those of the backend that an attempt goes to, change on a request; and the way back.
/// </summary>
/// <remarks>
/// One for each call whose rule or backends have any such filter (<see cref="Touches"/>). Everything is undone to what was there when it
/// was done, so what others change in between is to be undone in reverse: the rule's before the content is swapped for sending, the
/// backend's after that and around each attempt, <see cref="LeaveBackend"/> before the content is swapped back, <see cref="Restore"/> last.
/// <para>Of several rewrites the last counts, a backend's over the rule's: a prefix is always that of the caller's own path.</para>
/// </remarks>
/// <param name="matched">How many characters of the path the route's prefix took, its last slash not counted; 0 when it has none.</param>
internal sealed class RequestEdits(HttpRequestMessage request, int matched)
{
    private readonly Uri _uri = request.RequestUri!;
    private RequestShape? _caller;
    private RequestShape? _rule;

    /// <summary>By what the caller's own request takes one of several backends, whatever is made of it; null: by nothing.</summary>
    public ulong? SplitHash { get; init; }

    /// <summary>Whether any of the filters changes requests.</summary>
    public static bool Touches(ImmutableArray<RouteFilter> filters)
    {
        foreach (RouteFilter filter in filters)
        {
            if (filter is RewriteFilter or HeaderFilter { OnResponse: false })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Once, before anything else.</summary>
    public void ApplyRule(ImmutableArray<RouteFilter> filters) => Apply(filters, ref _caller);

    /// <summary>Instead of what the backend before has changed.</summary>
    public void ApplyBackend(ImmutableArray<RouteFilter> filters)
    {
        LeaveBackend();
        Apply(filters, ref _rule);
    }

    /// <summary>Makes the request what the rule has made of it.</summary>
    public void LeaveBackend() => Undo(ref _rule);

    /// <summary>Makes the request what the caller made it.</summary>
    public void Restore()
    {
        LeaveBackend();
        Undo(ref _caller);
    }

    private void Apply(ImmutableArray<RouteFilter> filters, ref RequestShape? before)
    {
        foreach (RouteFilter filter in filters)
        {
            switch (filter)
            {
                case HeaderFilter { OnResponse: false } headers:
                    before ??= new RequestShape(request);
                    HeaderEdits.Apply(request.Headers, request.Content?.Headers, headers);
                    break;
                case RewriteFilter rewrite:
                    before ??= new RequestShape(request);
                    Rewrite(rewrite);
                    break;
            }
        }
    }

    private void Rewrite(RewriteFilter rewrite)
    {
        if (rewrite.Path is { } path)
        {
            request.RequestUri = PathRewrite.Apply(_uri, matched, path);
        }

        if (rewrite.Host is { } host)
        {
            // Not by its property, which throws on what is no host; then the URI's is sent.
            request.Headers.Remove("Host");
            request.Headers.TryAddWithoutValidation("Host", host);
        }
    }

    private void Undo(ref RequestShape? before)
    {
        before?.Restore(request);
        before = null;
    }
}

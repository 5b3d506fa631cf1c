using System.Collections.Concurrent;

namespace Mesh.Client.Runtime;

/// <summary>Guards for calls whose responses are open; as many as there ever were at once.</summary>
internal sealed class CallGuards
{
    private readonly ConcurrentQueue<CallGuard> _free = new();
    private CallGuard? _next;

    public CallGuard Lend(MeshCall call)
    {
        CallGuard? guard = Interlocked.Exchange(ref _next, null);
        if (guard is null && !_free.TryDequeue(out guard))
        {
            guard = new CallGuard();
        }

        guard.Watch(call);
        return guard;
    }

    public void Return(CallGuard guard)
    {
        guard.Release();
        if (!guard.IsSpent && Interlocked.CompareExchange(ref _next, guard, null) is not null)
        {
            _free.Enqueue(guard);
        }
    }
}

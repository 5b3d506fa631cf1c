namespace Mesh.Client.Runtime;

/// <summary>
/// Ends a call whose response was dropped, neither read to its end nor disposed: the garbage collector finds the two together, and only
/// this one has a finalizer. That is dear to make, so guards are lent by <see cref="CallGuards"/>.
/// </summary>
internal sealed class CallGuard
{
    private readonly WeakReference _self;
    private MeshCall? _call;

    // A short one: it forgets what the collector has found dropped, though a finalizer of the application brings it back.
    public CallGuard() => _self = new WeakReference(this);

    // On a thread of the pool: metrics, logs and connections that go with the last call have no place on the finalizer's.
    ~CallGuard()
    {
        if (_call is { } call)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static call => End(call), call, preferLocal: false);
        }
    }

    /// <summary>Whether the collector has found it dropped: its finalizer runs soon or has run, so it can watch no other call.</summary>
    public bool IsSpent => !_self.IsAlive;

    public void Watch(MeshCall call) => _call = call;

    public void Release() => _call = null;

    private static void End(MeshCall call)
    {
        try
        {
            call.BodyAbandoned();
        }
        catch (Exception)
        {
            // What listens to metrics or logs threw. Nobody is above to be told, and the process must not end of it.
        }
    }
}

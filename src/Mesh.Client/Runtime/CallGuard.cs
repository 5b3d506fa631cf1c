namespace Mesh.Client.Runtime;

/// <summary>
/// Ends a call whose response was dropped, neither read to its end nor disposed: the garbage collector finds the two together, and only
/// this one has a finalizer. That is dear to make, so guards are lent by <see cref="CallGuards"/>.
/// </summary>
internal sealed class CallGuard
{
    private MeshCall? _call;

    // On a thread of the pool: metrics, logs and connections that go with the last call have no place on the finalizer's.
    ~CallGuard()
    {
        if (_call is { } call)
        {
            IsSpent = true;
            ThreadPool.UnsafeQueueUserWorkItem(static call => call.BodyAbandoned(), call, preferLocal: false);
        }
    }

    /// <summary>The garbage collector has seen it, and will not again.</summary>
    public bool IsSpent { get; private set; }

    public void Watch(MeshCall call) => _call = call;

    public void Release() => _call = null;
}

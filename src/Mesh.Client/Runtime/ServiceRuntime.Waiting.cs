using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>Calls that wait: for discovery's first answer, or for an endpoint.</summary>
internal sealed partial class ServiceRuntime
{
    private int _waiting;

    /// <summary>How many calls may wait, and how long one does in all. What holds when a call looks holds for it.</summary>
    public WaitPolicy Wait => Snapshot.Policy.Wait;

    /// <summary>Waits until an attempt of <paramref name="call"/> has begun.</summary>
    /// <exception cref="Exception">A <see cref="MeshException"/> or its gRPC form: nothing came in time, or nothing ever will.</exception>
    public async Task WaitAsync(MeshCall call, CancellationToken cancellationToken)
    {
        int capacity = Wait.Capacity;
        if (Interlocked.Increment(ref _waiting) > capacity)
        {
            Interlocked.Decrement(ref _waiting);
            throw CallErrors.TooManyWaiting(call, capacity);
        }

        // Held, not only signalled: a source that fails again meanwhile is to try again soon.
        Hold(call);
        long began = Now;
        TimeSpan waitedBefore = call.Waited;
        bool looked = false;
        try
        {
            while (true)
            {
                Task changed = _changes.Signalled;
                call.Waited = waitedBefore + Time.GetElapsedTime(began);

                // What was tried without being reached is unavailable until a probe reaches it.
                call.ForgetTried();
                if (call.TryBegin())
                {
                    return;
                }

                if (_disposed || call.Backend._disposed)
                {
                    throw CallErrors.Stopping(call);
                }

                if (call.AllBackends(static backend => backend.IsRefused))
                {
                    throw CallErrors.UnknownService(call);
                }

                if (call.RequiredIdentity is { } required && call.AllBackends(backend => backend.IsNever(required)))
                {
                    throw CallErrors.NotWhoIsRequired(call, required);
                }

                if (call.AsksForTls && call.AllBackends(static backend => backend.IsNeverSecured))
                {
                    throw CallErrors.NotSecured(call);
                }

                if (call.MetConnectionLimit)
                {
                    throw call.RefuseForConnections();
                }

                TimeSpan limit = Wait.Timeout;
                TimeSpan left = limit - call.Waited;
                if (left <= TimeSpan.Zero)
                {
                    throw CallErrors.NoEndpoint(call, limit);
                }

                // Nobody is told when an endpoint has room again: one more look.
                if (call.MayMeetFullEndpoints)
                {
                    if (call.FindFullBackend() is { } full)
                    {
                        call.CountShed(full.Name.Authority, LimitKind.MaxRequestsPerEndpoint);
                        throw CallErrors.EndpointsFull(call, full.Name.Authority, full.Snapshot.MaxRequestsPerEndpoint);
                    }

                    looked = !looked;
                    if (looked)
                    {
                        continue;
                    }
                }

                await WaitForChangeAsync(changed, call.LeftForBackend is { } sooner && sooner < left ? sooner : left, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            Release(call);
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>
    /// Waits until discovery has said what a call is decided by, or until the deadline has passed that the call is made under.
    /// </summary>
    /// <exception cref="Exception">A <see cref="MeshException"/> or its gRPC form: nothing came in time, or too many wait.</exception>
    public async Task<ServiceSnapshot> WaitForAnswerAsync(MeshCall call, CancellationToken cancellationToken)
    {
        int capacity = Wait.Capacity;
        if (Interlocked.Increment(ref _waiting) > capacity)
        {
            Interlocked.Decrement(ref _waiting);
            throw CallErrors.TooManyWaiting(call, capacity);
        }

        TimeSpan? deadline = MeshDeadline.Remaining;
        TimeSpan waitedBefore = call.Waited;
        long began = Now;
        _demand.Hold();
        try
        {
            while (true)
            {
                Task changed = _changes.Signalled;
                ServiceSnapshot snapshot = Snapshot;
                TimeSpan waited = Time.GetElapsedTime(began);
                call.Waited = waitedBefore + waited;
                if (snapshot.Answered || snapshot.Routes is not null || waited >= deadline)
                {
                    return snapshot;
                }

                TimeSpan limit = Wait.Timeout;
                TimeSpan left = limit - call.Waited;
                if (left <= TimeSpan.Zero)
                {
                    throw CallErrors.NoEndpoint(call, limit);
                }

                await WaitForChangeAsync(changed, deadline - waited is { } sooner && sooner < left ? sooner : left, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            _demand.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>
    /// Waits for discovery's first answer, be it a bad one; at most as long as a call would, and not at all when too many wait.
    /// </summary>
    public async Task<ServiceSnapshot> FirstAnswerAsync(CancellationToken cancellationToken)
    {
        // Calls that go past the mesh use the service too.
        long started = Now;
        Volatile.Write(ref _lastUsed, started);
        bool waits = Interlocked.Increment(ref _waiting) <= Wait.Capacity;
        _demand.Hold();
        try
        {
            while (true)
            {
                Task changed = _changes.Signalled;
                ServiceSnapshot snapshot = Snapshot;
                TimeSpan left = Wait.Timeout - Time.GetElapsedTime(started);
                if (!waits || snapshot.Answered || left <= TimeSpan.Zero)
                {
                    return snapshot;
                }

                await WaitForChangeAsync(changed, left, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _demand.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Hold(MeshCall call)
    {
        _demand.Hold();
        Array.ForEach(call.Route?.Backends ?? [], backend => backend.Service._demand.Hold());
    }

    private void Release(MeshCall call)
    {
        _demand.Release();
        Array.ForEach(call.Route?.Backends ?? [], backend => backend.Service._demand.Release());
    }

    private async Task WaitForChangeAsync(Task changed, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(limit, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller looks at the clock.
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>
/// The instances that have registered, as a source of endpoints. After a start it says nothing of a service until its registrations
/// have been quiet for a second, at the latest after ten seconds: a control plane that restarts must not empty the fleet. That a service
/// is not found, or has no instance any more, is said after those ten seconds only.
/// </summary>
internal sealed class ServiceRegistry(TimeProvider time) : IEndpointSource
{
    /// <summary>How long the registrations of a service must be quiet after a start.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>How long a start may last.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    /// <summary>A service stays known once it had an instance: its clients wait for the next one.</summary>
    private const int MaxServices = 10_000;

    private readonly ConcurrentDictionary<string, RegisteredService> _services = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pulse _appeared = new();
    private readonly Pulse _anyChanged = new();
    private long _start;
    private volatile bool _served;

    public string Name => "registry";

    /// <summary>Names the process that holds these registrations.</summary>
    public string Process { get; } = ControlPlaneProcess.NewName();

    /// <summary>Keeps callers that are refused again and again from filling the log.</summary>
    public LogLimit Refusals { get; } = new(time);

    /// <summary>Instances can register. Until then every service is not found.</summary>
    /// <param name="started">When the application listens.</param>
    public void Serve(CancellationToken started)
    {
        _served = true;
        started.UnsafeRegister(static self => ((ServiceRegistry)self!).Start(), this);
    }

    /// <summary>Adds an instance in place of an earlier one at its address.</summary>
    /// <returns>Null, or why that is impossible, for the caller to read.</returns>
    public Status? Add(RegisteredInstance instance)
    {
        bool known = _services.TryGetValue(instance.Service, out RegisteredService? service);
        if (!known && _services.Count >= MaxServices)
        {
            return new Status(StatusCode.ResourceExhausted, $"the registry holds {MaxServices} services and takes no more");
        }

        service ??= _services.GetOrAdd(instance.Service, _ => new RegisteredService());
        if (service.Add(instance, time.GetTimestamp()) is { } holder)
        {
            return new Status(StatusCode.AlreadyExists, Taken(instance, holder));
        }

        if (!known)
        {
            _appeared.Signal();
        }

        _anyChanged.Signal();
        return null;
    }

    /// <summary>The instance leaves, unless it was replaced before.</summary>
    public bool Remove(RegisteredInstance instance)
    {
        bool removed = _services[instance.Service].Remove(instance, time.GetTimestamp());
        _anyChanged.Signal();
        return removed;
    }

    /// <summary>Every service that has or had an instance, by its host.</summary>
    public IEnumerable<(string Host, EndpointSet State)> All() => _services.Select(service => (service.Key, service.Value.State));

    /// <summary>Completes when an instance of any service comes or goes.</summary>
    public Task AnyChanged => _anyChanged.Signalled;

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_served)
        {
            await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        EndpointSet? last = null;
        bool settled = false;
        while (true)
        {
            Task appeared = _appeared.Signalled;
            RegisteredService? registered = _services.GetValueOrDefault(service.Host);
            Task changed = registered?.Changed ?? appeared;
            TimeSpan wait = settled ? TimeSpan.Zero : Loud(registered);
            if (wait > TimeSpan.Zero)
            {
                await WaitAsync(changed, wait, cancellationToken).ConfigureAwait(false);
                continue;
            }

            // Nobody there is said after the start only, also where somebody was in between: the others may still be on their way.
            EndpointSet state = registered?.State ?? EndpointSet.NotFound();
            wait = state.Endpoints.IsEmpty ? StartLeft() : TimeSpan.Zero;
            if (wait > TimeSpan.Zero)
            {
                await WaitAsync(changed, wait, cancellationToken).ConfigureAwait(false);
                continue;
            }

            // A service without a registration has not settled: its first ones may still be those of a start.
            settled = registered is not null;
            if (state != last)
            {
                last = state;
                yield return state;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Start()
    {
        _start = time.GetTimestamp();
        _started.TrySetResult();
    }

    private static string Taken(RegisteredInstance instance, RegisteredInstance holder)
    {
        string by = holder.Owner is { } owner && owner != instance.Owner ? $" by {owner}" : "";
        return holder.Name == instance.Name
            ? $"registration.instance: '{holder.Name}' is registered at {holder.Endpoint.Address}{by}, and alive: two need two names"
            : $"registration.host: {holder.Endpoint.Address} is registered{by} as '{holder.Name}', and alive";
    }

    /// <summary>How long registrations that come and go are to be waited for; nothing is left once they are quiet.</summary>
    private TimeSpan Loud(RegisteredService? registered)
    {
        TimeSpan left = StartLeft();
        TimeSpan loud = registered is null ? TimeSpan.Zero : Quiet - time.GetElapsedTime(registered.LastChanged);
        return loud < left ? loud : left;
    }

    /// <summary>What is left of the start.</summary>
    private TimeSpan StartLeft() => _served ? StartLimit - time.GetElapsedTime(_start) : TimeSpan.Zero;

    private async Task WaitAsync(Task changed, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(longest, time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

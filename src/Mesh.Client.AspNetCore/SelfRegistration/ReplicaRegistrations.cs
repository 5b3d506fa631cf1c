using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>
/// The registrations with all replicas behind the control plane's name: one for each address. What the name says is looked up at the
/// start, every 5 s and after each loss.
/// </summary>
/// <param name="context">Of all of them.</param>
/// <param name="resolver">Null: the control plane's address is that of one.</param>
internal sealed class ReplicaRegistrations(RegistrationContext context, IHostResolver? resolver)
{
    /// <summary>Streams at most, whatever a name leads to.</summary>
    public const int MaxReplicas = 32;

    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    /// <summary>The least between two looks, whatever is lost.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IPAddress, (ReplicaRegistration Registration, Task Running)> _all = new();
    private readonly Backoff _unknown = new(context.Time, ReplicaRegistration.LostMaximum);
    private readonly Pulse _lost = new();
    private StreamState _sought;
    private bool _saidUnknown;
    private volatile bool _wasRegistered;

    /// <summary>Whether any registration has ever held.</summary>
    public bool WasRegistered => _wasRegistered || _all.Values.Any(one => one.Registration.Instance is not null);

    public string? Instance => _all.Values.Select(one => one.Registration.Instance).FirstOrDefault(name => name is not null);

    /// <summary>In one word: the best of them.</summary>
    public string State =>
        Count(RegistryMetrics.Registered) > 0 ? RegistryMetrics.Registered
        : Count(RegistryMetrics.Refused) > 0 ? RegistryMetrics.Refused
        : ReplicaRegistration.Waiting;

    /// <summary>Replicas that hold a registration.</summary>
    public int Registered => Count(RegistryMetrics.Registered);

    /// <summary>Replicas, each once, however many addresses it has.</summary>
    public int Replicas => _all.Count - Count(ReplicaRegistration.Same);

    /// <summary>Ends after all have left.</summary>
    public async Task RunAsync(CancellationToken leave)
    {
        if (resolver is null)
        {
            Start(IPAddress.None, replica: null, leave);
        }
        else
        {
            await LookAsync(resolver, leave).ConfigureAwait(false);
        }

        await Task.WhenAll(_all.Values.Select(one => one.Running)).ConfigureAwait(false);
    }

    private async Task LookAsync(IHostResolver resolver, CancellationToken leave)
    {
        while (!leave.IsCancellationRequested)
        {
            Task lost = _lost.Signalled;
            TimeSpan wait = LookInterval;
            try
            {
                IPAddress[] found = await resolver.ResolveAsync(context.ControlPlane.IdnHost, leave).WaitAsync(leave).ConfigureAwait(false);
                Take(found, leave);
                Seek(StreamState.None);
                _unknown.Reset();
                _saidUnknown = false;
            }
            catch (OperationCanceledException) when (leave.IsCancellationRequested)
            {
                break;
            }
            catch (SocketException exception) when (!_all.IsEmpty)
            {
                // A name server that is away takes no replica away.
                _ = exception;
            }
            catch (Exception exception)
            {
                wait = Unknown(exception);
            }

            await WaitAsync(lost, wait, leave).ConfigureAwait(false);
        }

        Seek(StreamState.None);
    }

    private void Take(IPAddress[] found, CancellationToken leave)
    {
        HashSet<IPAddress> named = [.. found.OrderBy(address => address.ToString(), StringComparer.Ordinal).Take(MaxReplicas)];
        foreach ((IPAddress address, (ReplicaRegistration registration, Task running)) in _all)
        {
            if (running.IsCompleted)
            {
                _wasRegistered |= registration.Instance is not null;
                _all.TryRemove(address, out _);
            }
            else
            {
                registration.Want(named.Contains(address));
            }
        }

        foreach (IPAddress address in named.Where(address => !_all.ContainsKey(address)))
        {
            Start(address, address, leave);
        }
    }

    private void Start(IPAddress key, IPAddress? replica, CancellationToken leave)
    {
        var registration = new ReplicaRegistration(context, replica, _lost);
        _all[key] = (registration, Task.Run(() => registration.RunAsync(leave), CancellationToken.None));
    }

    // The first answer is missing: nobody is there to register with.
    private TimeSpan Unknown(Exception exception)
    {
        string reason = $"{context.ControlPlane.IdnHost}: {exception.Message}";
        Seek(StreamState.Waiting);
        context.Metrics.Own(RegistryMetrics.Lost);
        context.ControlPlanes.StreamsOf(context.ControlPlane).Lose(reason);
        if (!_saidUnknown)
        {
            _saidUnknown = true;
            context.Log.Lost(ControlPlaneAddress.Text(context.ControlPlane), context.Service, reason);
        }

        return _unknown.Next();
    }

    private async Task WaitAsync(Task lost, TimeSpan wait, CancellationToken leave)
    {
        TimeSpan least = wait < LeastInterval ? wait : LeastInterval;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(leave);
        await Task.Delay(least, context.Time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (wait > least)
        {
            await Task.WhenAny(Task.Delay(wait - least, context.Time, stop.Token), lost).ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
    }

    private void Seek(StreamState state) =>
        context.ControlPlanes.StreamsOf(context.ControlPlane).Move(StreamKind.Registration, ref _sought, state);

    private int Count(string state) => _all.Values.Count(one => !one.Running.IsCompleted && one.Registration.State == state);
}

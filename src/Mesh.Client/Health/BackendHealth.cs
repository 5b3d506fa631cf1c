namespace Mesh.Client.Health;

/// <summary>
/// How many of a backend's endpoints can be used, and what follows: whether one more may be ejected, and whether so few are left
/// that ejections are ignored (Envoy's max_ejection_percent and panic threshold, both 50 %).
/// </summary>
internal sealed class BackendHealth
{
    private const int MaxEjectedPercent = 50;
    private const int PanicPercent = 50;

    private readonly Lock _lock = new();
    private int _total;
    private int _ejected;
    private int _disconnected;
    private int _unavailable;
    private volatile bool _inPanic;

    /// <summary>Endpoints in all.</summary>
    public int Total => Volatile.Read(ref _total);

    /// <summary>Endpoints that failure accrual holds back: shut, or on probation.</summary>
    public int Ejected => Volatile.Read(ref _ejected);

    /// <summary>Endpoints whose latest connection failed.</summary>
    public int Disconnected => Volatile.Read(ref _disconnected);

    /// <summary>Whether fewer than half are neither ejected nor disconnected, so that ejections are to be ignored.</summary>
    public bool InPanic => _inPanic;

    /// <summary>Whether one more may be ejected: at most half may be, it included.</summary>
    public bool MayEject()
    {
        lock (_lock)
        {
            return 100L * (_ejected + 1) <= (long)MaxEjectedPercent * _total;
        }
    }

    /// <summary>Takes in one more endpoint.</summary>
    public EndpointStanding Join()
    {
        Enter();
        return new EndpointStanding(this);
    }

    /// <summary>Takes in one more endpoint, which gets its standing when it first fails.</summary>
    public void Enter() => Count(1);

    /// <summary>Lets go of one that never had a standing.</summary>
    public void Exit() => Count(-1);

    internal bool TryEject(EndpointStanding standing)
    {
        lock (_lock)
        {
            if (!standing.Ejected && (standing.Left || !MayEject()))
            {
                return false;
            }

            Move(standing, ejected: true, standing.Disconnected);
            return true;
        }
    }

    internal void Readmit(EndpointStanding standing)
    {
        lock (_lock)
        {
            Move(standing, ejected: false, standing.Disconnected);
        }
    }

    internal void SetDisconnected(EndpointStanding standing, bool disconnected)
    {
        lock (_lock)
        {
            Move(standing, standing.Ejected, disconnected);
        }
    }

    internal void Leave(EndpointStanding standing)
    {
        lock (_lock)
        {
            if (!standing.Left)
            {
                Move(standing, ejected: false, disconnected: false);
                standing.Left = true;
                _total--;
                Recount();
            }
        }
    }

    private void Count(int endpoints)
    {
        lock (_lock)
        {
            _total += endpoints;
            Recount();
        }
    }

    private void Move(EndpointStanding standing, bool ejected, bool disconnected)
    {
        if (standing.Left)
        {
            return;
        }

        _ejected += (ejected ? 1 : 0) - (standing.Ejected ? 1 : 0);
        _disconnected += (disconnected ? 1 : 0) - (standing.Disconnected ? 1 : 0);
        _unavailable += (ejected || disconnected ? 1 : 0) - (standing.Ejected || standing.Disconnected ? 1 : 0);
        standing.Ejected = ejected;
        standing.Disconnected = disconnected;
        Recount();
    }

    private void Recount() => _inPanic = 100L * (_total - _unavailable) < (long)PanicPercent * _total;
}

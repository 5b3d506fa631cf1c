namespace Mesh.Client.Telemetry;

/// <summary>
/// The streams from one control plane: how many there are of each kind in each state, and what became of the latest lost.
/// </summary>
/// <param name="address">Scheme, host and port.</param>
internal sealed class ControlPlaneStreams(string address)
{
    private static readonly int States = Enum.GetValues<StreamState>().Length;

    private readonly int[] _counts = new int[Enum.GetValues<StreamKind>().Length * States];
    private string? _problem;
    private volatile bool _wasHeard;

    public string Address { get; } = address;

    /// <summary>Whether it has said anything since the start.</summary>
    public bool WasHeard => _wasHeard;

    /// <summary>Why a stream was lost last; null once any has said something since, or none is wanted any more.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Whether streams are wanted, none is open, and the latest was lost.</summary>
    public bool IsLost => Problem is not null && Sum(StreamState.Open) == 0 && IsWanted;

    /// <summary>In one word: <c>connected</c>, <c>lost</c>, or <c>idle</c> while nothing is asked of it or it has not answered yet.</summary>
    public string State => IsLost ? "lost" : Sum(StreamState.Open) > 0 ? "connected" : "idle";

    private bool IsWanted => Sum(StreamState.Open) + Sum(StreamState.Connecting) + Sum(StreamState.Waiting) > 0;

    public int Count(StreamKind kind, StreamState state) => Volatile.Read(ref _counts[Place(kind, state)]);

    /// <summary>A stream goes from one state to another.</summary>
    public void Move(StreamKind kind, ref StreamState state, StreamState next)
    {
        if (state == next)
        {
            return;
        }

        // In this order there is no moment without it.
        Add(kind, next, 1);
        Add(kind, state, -1);
        state = next;
        if (next is StreamState.None && !IsWanted)
        {
            Volatile.Write(ref _problem, null);
        }
    }

    /// <summary>The control plane has said something.</summary>
    public void Hear()
    {
        _wasHeard = true;
        if (Problem is not null)
        {
            Volatile.Write(ref _problem, null);
        }
    }

    /// <summary>A stream was lost.</summary>
    /// <param name="reason">In words for people.</param>
    public void Lose(string reason) => Volatile.Write(ref _problem, reason);

    private static int Place(StreamKind kind, StreamState state) => ((int)kind * States) + (int)state;

    private void Add(StreamKind kind, StreamState state, int change)
    {
        if (state is not StreamState.None)
        {
            Interlocked.Add(ref _counts[Place(kind, state)], change);
        }
    }

    private int Sum(StreamState state)
    {
        int sum = 0;
        for (int kind = 0; kind < _counts.Length / States; kind++)
        {
            sum += Count((StreamKind)kind, state);
        }

        return sum;
    }
}

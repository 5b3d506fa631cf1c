namespace Mesh.Client.Telemetry.Calls;

/// <summary>What an endpoint's attempts were, since somebody counts them.</summary>
internal sealed class EndpointTraffic
{
    private static readonly int Kinds = Enum.GetValues<PickReason>().Length;

    private readonly long[] _picks = new long[Kinds];
    private long _failures;

    /// <summary>Attempts that ended, whatever came of them.</summary>
    public long Attempts
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < _picks.Length; i++)
            {
                sum += Picks((PickReason)i);
            }

            return sum;
        }
    }

    /// <summary>Those that failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Those that were picked for this reason.</summary>
    public long Picks(PickReason reason) => Volatile.Read(ref _picks[(int)reason]);

    public void Count(PickReason reason, bool failed)
    {
        Interlocked.Increment(ref _picks[(int)reason]);
        if (failed)
        {
            Interlocked.Increment(ref _failures);
        }
    }
}

namespace Mesh.Client.Telemetry;

/// <summary>A service's retries since its start, by what came of them, and what kept calls from one.</summary>
internal sealed class RetryCounts
{
    private static readonly RetryResult[] Results = Enum.GetValues<RetryResult>();

    private readonly long[] _counts = new long[Results.Length];

    public void Count(RetryResult result) => Interlocked.Increment(ref _counts[(int)result]);

    /// <summary>By name; those that there were.</summary>
    public Dictionary<string, long> Read()
    {
        var read = new Dictionary<string, long>();
        for (int i = 0; i < _counts.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) is > 0 and long count)
            {
                read[MetricNames.Of((RetryResult)i)] = count;
            }
        }

        return read;
    }
}

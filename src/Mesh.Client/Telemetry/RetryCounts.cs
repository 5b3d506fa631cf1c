namespace Mesh.Client.Telemetry;

/// <summary>A service's retries since its start, by what came of them, and what kept calls from one.</summary>
internal sealed class RetryCounts
{
    private static readonly RetryResult[] Results = Enum.GetValues<RetryResult>();

    // Made with the first: most services never need any.
    private long[]? _counts;

    public void Count(RetryResult result) =>
        Interlocked.Increment(ref LazyInitializer.EnsureInitialized(ref _counts, static () => new long[Results.Length])[(int)result]);

    /// <summary>By name; those that there were.</summary>
    public Dictionary<string, long> Read()
    {
        long[] counts = Volatile.Read(ref _counts) ?? [];
        var read = new Dictionary<string, long>();
        for (int i = 0; i < counts.Length; i++)
        {
            if (Volatile.Read(ref counts[i]) is > 0 and long count)
            {
                read[MetricNames.Of((RetryResult)i)] = count;
            }
        }

        return read;
    }
}

using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>What the service knows of itself for those who look at it.</summary>
internal sealed partial class ServiceRuntime
{
    private long _updates;
    private long _updatedAt;
    private string? _source;

    /// <summary>Retries, and what kept calls from one.</summary>
    public RetryCounts Retries { get; } = new();

    /// <summary>States of discovery that were taken in.</summary>
    public long Updates => Volatile.Read(ref _updates);

    /// <summary>Since the latest came; null while there is none.</summary>
    public TimeSpan? Age => Volatile.Read(ref _updatedAt) is not 0 and long at ? Time.GetElapsedTime(at) : null;

    /// <summary>Who told of it last; null while nobody has.</summary>
    public string? Source => Volatile.Read(ref _source);

    /// <summary>A state came.</summary>
    /// <param name="source">Whose it is.</param>
    public void Updated(string? source)
    {
        Volatile.Write(ref _source, source);
        Volatile.Write(ref _updatedAt, Now);
        Interlocked.Increment(ref _updates);
    }

    /// <summary>Counts a retry, or what kept a call from one.</summary>
    public void CountRetry(RetryResult result)
    {
        Metrics.Retry(Name.Authority, result);
        Retries.Count(result);
    }
}

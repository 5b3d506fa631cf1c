using Mesh.Client.Telemetry;

namespace Mesh.Client.Runtime;

/// <summary>What the service knows of itself for those who look at it.</summary>
internal sealed partial class ServiceRuntime
{
    private RetryCounts? _retries;
    private string? _source;

    /// <summary>Retries, and what kept calls from one; null while there was none.</summary>
    public RetryCounts? Retries => Volatile.Read(ref _retries);

    /// <summary>Who told of it last; null while nobody has.</summary>
    public string? Source { get => Volatile.Read(ref _source); set => Volatile.Write(ref _source, value); }

    /// <summary>Counts a retry, or what kept a call from one.</summary>
    public void CountRetry(RetryResult result)
    {
        Metrics.Retry(Name.Authority, result);
        LazyInitializer.EnsureInitialized(ref _retries, static () => new RetryCounts()).Count(result);
    }
}

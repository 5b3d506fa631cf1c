namespace Mesh.Client;

/// <summary>Which failed attempts are tried again, and how often. What is null is decided elsewhere.</summary>
public sealed class RetryOptions
{
    /// <summary>Attempts after the first, 0 to 10; 0 switches retries off. Built in: 1.</summary>
    public int? MaxRetries { get; set; }

    /// <summary>
    /// What is tried again: <c>5xx</c>, <c>gateway-error</c> (502, 503, 504), <c>connect-failure</c>, <c>reset</c>,
    /// <c>refused-stream</c>, <c>retriable-4xx</c> (409), a status <c>503</c>, a range <c>500-504</c>, a gRPC status such as
    /// <c>unavailable</c>. A list replaces the one of a less specific place. Built in: <c>refused-stream</c>, <c>reset</c>,
    /// <c>gateway-error</c>, <c>unavailable</c>.
    /// </summary>
    public IList<string>? On { get; set; }

    /// <summary>
    /// Methods that may be sent twice although the first may have been processed. A list replaces the one of a less specific
    /// place. Built in: <c>GET</c>, <c>HEAD</c>, <c>OPTIONS</c>, <c>TRACE</c>.
    /// </summary>
    public IList<string>? Methods { get; set; }

    /// <summary>How many retries the service's own traffic earns.</summary>
    public RetryBudgetOptions? Budget { get; set; }

    /// <summary>
    /// Shortest wait before the same endpoint is tried again; doubles with each retry. More than zero and not above
    /// <see cref="MaxBackoff"/>. Built in: 25 ms.
    /// </summary>
    public TimeSpan? MinBackoff { get; set; }

    /// <summary>Longest wait before the same endpoint is tried again; more than zero. Built in: 250 ms.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>A server that asks to wait longer than this is not asked again by the same call; more than zero. Built in: 5 s.</summary>
    public TimeSpan? MaxRetryAfter { get; set; }
}

namespace Mesh.Client;

/// <summary>How many retries a service's own traffic earns. What is null is decided elsewhere.</summary>
public sealed class RetryBudgetOptions
{
    /// <summary>Retries per answered call, 0 to 1000; 0.2 is one retry for five calls. Built in: 0.2.</summary>
    public double? Ratio { get; set; }

    /// <summary>Retries that are free in every second, at least 0. Built in: 10.</summary>
    public int? MinPerSecond { get; set; }

    /// <summary>How long what a call earned lasts, 1 s to 60 s. Built in: 10 s.</summary>
    public TimeSpan? Window { get; set; }
}

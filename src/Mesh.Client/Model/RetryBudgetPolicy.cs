namespace Mesh.Client.Model;

/// <summary>How many retries a service's own traffic earns (Finagle's and Linkerd's budget).</summary>
internal sealed record RetryBudgetPolicy
{
    public static readonly RetryBudgetPolicy Default = new();

    /// <summary>Retries per answered call; 0.2 is one retry for five calls. 0 to 1000.</summary>
    public double Ratio { get; init; } = 0.2;

    /// <summary>Retries that are free in every second of the window.</summary>
    public int MinPerSecond { get; init; } = 10;

    /// <summary>How long a call's deposit lasts; 1 s to 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}

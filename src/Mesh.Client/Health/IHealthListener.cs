namespace Mesh.Client.Health;

/// <summary>
/// The owner of an endpoint's health, which counts, logs, and wakes the calls that wait for an endpoint. Called after the change,
/// outside of any lock, on the thread that caused it; must not throw.
/// </summary>
internal interface IHealthListener
{
    /// <summary>Failure accrual moved the endpoint to Open, Shut or Probation.</summary>
    /// <param name="state">Where it stands now.</param>
    /// <param name="penalty">How long it is shut, when it is.</param>
    void OnAccrual(AccrualState state, TimeSpan penalty);

    /// <summary>The endpoint's latest connection was made, or failed after the one before was made.</summary>
    /// <param name="error">What failed; null when it was made.</param>
    void OnConnection(string? error);
}

namespace Mesh.Client.Telemetry;

/// <summary>How a retry ended, or what kept a failed call from being tried again.</summary>
internal enum RetryResult
{
    Success,
    Failure,
    DeniedBudget,
    DeniedBody,
    DeniedRetryAfter,
}

namespace Mesh.Client.Telemetry;

/// <summary>What became of an attempt that was started beside a slow one, or what kept it from being started.</summary>
internal enum HedgeResult
{
    /// <summary>Its answer was the call's.</summary>
    Won,

    /// <summary>Another was faster.</summary>
    Lost,
    DeniedBudget,
}

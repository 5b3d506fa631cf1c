namespace Mesh.Client.Telemetry.Status;

/// <summary>The configuration in force.</summary>
/// <param name="RefusedReloads">Changes that were refused since the start.</param>
/// <param name="Problem">Why the latest was; null where the latest was taken.</param>
/// <param name="Settings">
/// What is in force and differs from what is built in, or is written in configuration, sorted by path. Secrets and what looks like one are
/// left out.
/// </param>
/// <param name="SettingsOmitted">How many settings <paramref name="Settings"/> leaves out.</param>
internal sealed record ConfigurationStatus(
    int RefusedReloads, string? Problem, IReadOnlyList<SettingStatus> Settings, int SettingsOmitted);

namespace Mesh.Client.Telemetry.Status;

/// <summary>The configuration in force.</summary>
/// <param name="RefusedReloads">Changes that were refused since the start, those of the server's settings included.</param>
/// <param name="Problem">Why the latest was; null where the latest was taken.</param>
/// <param name="Settings">
/// What is in force and differs from what is built in, or is written in configuration: the process's own, then those of every service, then
/// those of each. Secrets and what looks like one are left out.
/// </param>
/// <param name="SettingsOmitted">How many settings <paramref name="Settings"/> leaves out.</param>
internal sealed record ConfigurationStatus(
    int RefusedReloads, string? Problem, IReadOnlyList<SettingStatus> Settings, int SettingsOmitted);

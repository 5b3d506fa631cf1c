namespace Mesh.Client.Telemetry.Status;

/// <summary>Pods that came for admission since the start.</summary>
/// <param name="Injected">Were given what the mesh needs.</param>
/// <param name="Unchanged">Had it, or were no creations.</param>
/// <param name="Disabled">Do not want it.</param>
/// <param name="Skipped">Wanted it, and it could not be done.</param>
/// <param name="Refused">Requests that were no review of a pod.</param>
internal sealed record InjectorStatus(long Injected, long Unchanged, long Disabled, long Skipped, long Refused);

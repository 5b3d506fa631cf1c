namespace Mesh.Client.Model.Routes.Filters;

/// <summary>Waits before sending. It counts against the call's timeouts.</summary>
/// <param name="Fixed">How long; null: only where <paramref name="Header"/> says so.</param>
/// <param name="Header">A request header with milliseconds, which holds instead where it is there and can be read; null: none.</param>
/// <param name="Ratio">Of calls, 0 to 1.</param>
internal sealed record FaultDelay(TimeSpan? Fixed, string? Header, double Ratio);

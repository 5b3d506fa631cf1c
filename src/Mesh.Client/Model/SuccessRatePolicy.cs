namespace Mesh.Client.Model;

/// <summary>Shuts an endpoint by the share of its calls that succeed (Linkerd's unified failure accrual).</summary>
/// <param name="Threshold">Below this it is shut; 0 to 1.</param>
/// <param name="Window">How long a call counts, in ten parts; at least 10 ms.</param>
/// <param name="MinRequests">With fewer in the window nothing is concluded; 1 to 1,000,000.</param>
internal sealed record SuccessRatePolicy(double Threshold, TimeSpan Window, int MinRequests);

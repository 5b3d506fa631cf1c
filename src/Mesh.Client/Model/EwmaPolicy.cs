namespace Mesh.Client.Model;

/// <summary>How latencies are weighed (peak EWMA; tower's and Linkerd's).</summary>
/// <param name="DefaultRtt">What an endpoint is believed to take before it has answered; more than zero.</param>
/// <param name="Decay">How long a sample counts; more than zero.</param>
/// <param name="Penalty">What failures cost; null: nothing beyond their own time.</param>
internal sealed record EwmaPolicy(TimeSpan DefaultRtt, TimeSpan Decay, EwmaPenalty? Penalty = null)
{
    /// <summary>Linkerd's.</summary>
    public static readonly EwmaPolicy Default = new(TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(10));
}

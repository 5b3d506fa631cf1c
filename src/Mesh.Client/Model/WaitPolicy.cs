namespace Mesh.Client.Model;

/// <summary>How calls wait for an endpoint (Linkerd's queue and failfast timeout).</summary>
/// <param name="Capacity">How many at once; at least 1.</param>
/// <param name="Timeout">How long, in all; more than zero.</param>
internal sealed record WaitPolicy(int Capacity, TimeSpan Timeout)
{
    public static readonly WaitPolicy Default = new(10_000, TimeSpan.FromSeconds(3));
}

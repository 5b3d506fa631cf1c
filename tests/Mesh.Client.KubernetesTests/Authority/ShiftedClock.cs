namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>The system's clock, but that it may be put forward: waits last as long as they do.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    public void Forward(TimeSpan by) => _shift += by;
}

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>The system's clock, but that it may be put forward: waits that have begun last as long as they do.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);

    public void Forward(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    private TimeSpan Shift => new(Interlocked.Read(ref _shift));
}

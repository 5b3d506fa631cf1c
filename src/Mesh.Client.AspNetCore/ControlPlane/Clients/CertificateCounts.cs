namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>What came of requests for certificates.</summary>
internal sealed class CertificateCounts(TimeProvider time)
{
    private long _issued;
    private long _refused;
    private long _latest;

    public long Issued => Volatile.Read(ref _issued);

    public long Refused => Volatile.Read(ref _refused);

    public DateTimeOffset? Latest => Volatile.Read(ref _latest) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Ended(bool isIssued)
    {
        if (isIssued)
        {
            Interlocked.Increment(ref _issued);
            Volatile.Write(ref _latest, time.GetUtcNow().UtcTicks);
        }
        else
        {
            Interlocked.Increment(ref _refused);
        }
    }
}

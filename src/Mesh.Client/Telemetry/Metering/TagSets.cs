namespace Mesh.Client.Telemetry.Metering;

/// <summary>
/// The attributes that measurements of one thing have, made once for each way they differ: a measurement then allocates nothing, and finds
/// them among the few that there are.
/// </summary>
/// <param name="owner">What is measured.</param>
/// <param name="cap">The instrument's.</param>
/// <param name="make">The attributes of the owner with a code.</param>
internal sealed class TagSets<TOwner>(TOwner owner, AttributeCap cap, Func<TOwner, int, KeyValuePair<string, object?>[]> make)
{
    private Entry[] _entries = [];

    /// <param name="code">What this measurement has that others have not.</param>
    public ReadOnlySpan<KeyValuePair<string, object?>> Find(int code)
    {
        foreach (Entry entry in Volatile.Read(ref _entries))
        {
            if (entry.Code == code)
            {
                return entry.Tags;
            }
        }

        return cap.IsFull ? AttributeCap.Overflow : Add(code);
    }

    private ReadOnlySpan<KeyValuePair<string, object?>> Add(int code)
    {
        lock (cap)
        {
            Entry? entry = Array.Find(_entries, entry => entry.Code == code);
            if (entry is null && cap.TryTake())
            {
                entry = new Entry(code, make(owner, code));
                Volatile.Write(ref _entries, [.. _entries, entry]);
            }

            return entry is null ? AttributeCap.Overflow : entry.Tags;
        }
    }

    private sealed record Entry(int Code, KeyValuePair<string, object?>[] Tags);
}

using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Telemetry.Traffic;

/// <summary>The latest calls that failed, as stories. Of a storm only a few a second are told: the others cost a look at the clock.</summary>
internal sealed class FailedCalls(TimeProvider time)
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 50;

    private const int PerSecond = 5;

    private readonly long _began = time.GetTimestamp();
    private readonly FailedCallStatus?[] _stories = new FailedCallStatus?[Capacity];

    // The second above, how many were told in it below.
    private long _told;
    private long _next;

    /// <summary>Whether what is added from here on is told without its path.</summary>
    public bool HidesPaths { get; set; }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<FailedCallStatus> Latest
    {
        get
        {
            var latest = new List<FailedCallStatus>(Capacity);
            long next = Volatile.Read(ref _next);
            for (long i = next - 1; i >= Math.Max(0, next - Capacity); i--)
            {
                if (Volatile.Read(ref _stories[i % Capacity]) is { } story)
                {
                    latest.Add(story);
                }
            }

            return latest;
        }
    }

    public void Add(IObservedCall call, TimeSpan duration)
    {
        if (MayTell())
        {
            FailedCallStatus story = FailureStory.Of(call, duration, time.GetUtcNow(), HidesPaths);
            Volatile.Write(ref _stories[(Interlocked.Increment(ref _next) - 1) % Capacity], story);
        }
    }

    private bool MayTell()
    {
        long second = (long)time.GetElapsedTime(_began).TotalSeconds + 1;
        while (true)
        {
            long told = Volatile.Read(ref _told);
            bool isNew = told >> 8 < second;
            if (!isNew && (told & 0xff) >= PerSecond)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _told, isNew ? (second << 8) | 1 : told + 1, told) == told)
            {
                return true;
            }
        }
    }
}

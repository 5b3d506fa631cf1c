using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Limits;

/// <summary>
/// A server of so many workers before which everything else queues, called with as many calls at once as its limit lets: what it answers,
/// and how late, follows from Little's law. Time is the model's.
/// </summary>
internal sealed class ModelServer(AdaptiveLimitPolicy policy)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _time = new();
    private GradientLimit? _limit;
    private double _answers;

    public int Workers { get; set; } = 40;

    /// <summary>What one call takes without a queue.</summary>
    public TimeSpan Service { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Calls that callers would make at once.</summary>
    public int Offered { get; set; } = int.MaxValue;

    /// <summary>Every how many-th call the server refuses; 0 is none.</summary>
    public int Drops { get; set; }

    /// <summary>What of its capacity was used in the last run, 0 to 1.</summary>
    public double Goodput { get; private set; }

    public GradientLimit Limit => _limit ??= new GradientLimit(policy, _time);

    public ModelServer Run(double seconds)
    {
        int count = 0;
        double used = 0;
        int ticks = (int)(seconds / Tick.TotalSeconds);
        for (int i = 0; i < ticks; i++)
        {
            _time.Advance(Tick);
            int inFlight = Math.Min(Limit.Limit, Offered);
            used += Math.Min(1, (double)inFlight / Workers);
            TimeSpan latency = Service * Math.Max(1, (double)inFlight / Workers);
            _answers += inFlight * (Tick / latency);
            for (; _answers >= 1; _answers--)
            {
                count++;
                _ = Drops > 0 && count % Drops == 0
                    ? Limit.Dropped(inFlight, _time.GetTimestamp())
                    : Limit.Answered(latency, inFlight, _time.GetTimestamp());
            }
        }

        Goodput = used / ticks;
        return this;
    }
}

using CsCheck;
using Mesh.Client.Resilience.Hedging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Hedging;

public sealed class LatencyWindowTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Quantile_NeverTooLow_AtMostAnEighthTooHigh() =>
        Gen.Select(Gen.Long[0, 60_000_000].Array[20, 200], Gen.Double[0.01, 0.999]).Sample((micros, share) =>
        {
            var window = new LatencyWindow(_clock);
            foreach (long latency in micros)
            {
                window.Record(TimeSpan.FromMicroseconds(latency));
            }

            long exact = micros.Order().ElementAt((int)Math.Ceiling(micros.Length * share) - 1);
            double found = window.Quantile(share)!.Value.TotalMicroseconds;
            Assert.InRange(found, exact + 1, Math.Max(exact + 1, exact * 1.125 + 1));
        });

    [Fact]
    public void Quantile_OfTooFew_IsNotKnown()
    {
        var window = new LatencyWindow(_clock);
        for (int i = 1; i < LatencyWindow.MinSamples; i++)
        {
            window.Record(TimeSpan.FromMilliseconds(1));
        }

        Assert.Null(window.Quantile(0.9));
        window.Record(TimeSpan.FromMilliseconds(1));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.NotNull(window.Quantile(0.9));
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, true)]
    [InlineData(61, false)]
    public void Latencies_AreForgottenAfterAMinute(int seconds, bool known)
    {
        var window = new LatencyWindow(_clock);
        for (int i = 0; i < 100; i++)
        {
            window.Record(TimeSpan.FromMilliseconds(5));
        }

        _clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(known, window.Quantile(0.5) is not null);
    }

    [Fact]
    public void Latency_BeyondAllBounds_IsTheLongest()
    {
        var window = new LatencyWindow(_clock);
        for (int i = 0; i < 100; i++)
        {
            window.Record(TimeSpan.MaxValue);
        }

        Assert.InRange(window.Quantile(0.5)!.Value, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
    }
}

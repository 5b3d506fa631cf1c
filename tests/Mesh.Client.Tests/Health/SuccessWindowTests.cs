using Mesh.Client.Health;
using Mesh.Client.Model;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Health;

/// <summary>The vectors of reference/linkerd.md §6.</summary>
public class SuccessWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void IsLow_FewerThanMin_IsNot()
    {
        SuccessWindow window = Create(0.5, 5);
        Record(window, bad: 4);
        Assert.False(window.IsLow);

        Record(window, bad: 1);
        Assert.True(window.IsLow);
    }

    [Fact]
    public void IsLow_Empty_IsNot()
    {
        SuccessWindow window = Create(1, 1);
        Assert.False(window.IsLow);
        Assert.Null(window.Rate);
    }

    [Fact]
    public void IsLow_ThresholdOne_OneFailureIsEnough()
    {
        SuccessWindow window = Create(1, 4);
        Record(window, good: 3);
        Assert.False(window.IsLow);
        Record(window, bad: 1);
        Assert.True(window.IsLow);
    }

    [Fact]
    public void Rate_WithinTheWindow_CountsAll()
    {
        SuccessWindow window = Create(0.5, 5);
        Record(window, bad: 2);
        _time.Advance(TimeSpan.FromSeconds(6));
        Record(window, good: 8);
        Assert.Equal(0.8, window.Rate);
    }

    [Fact]
    public void Rate_OlderThanTheWindow_IsForgotten()
    {
        SuccessWindow window = Create(0.5, 5);
        Record(window, bad: 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        Record(window, good: 1);
        Assert.Equal(0.5, window.Rate);
        _time.Advance(TimeSpan.FromSeconds(5.5));
        Record(window, good: 1);
        Assert.Equal(1.0, window.Rate);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(window.Rate);
    }

    /// <summary>.12345 is .1235: 1234 of 10,000 are too few, 1235 are not.</summary>
    [Theory]
    [InlineData(1234, true)]
    [InlineData(1235, false)]
    public void IsLow_Threshold_IsInBasisPoints(int good, bool low)
    {
        SuccessWindow window = Create(0.12345, 5);
        Record(window, good, 10_000 - good);
        Assert.Equal(low, window.IsLow);
    }

    [Fact]
    public void Record_ManyThreads_LosesNone()
    {
        SuccessWindow window = Create(0.5, 5);
        Parallel.For(0, 10_000, i => window.Record(i % 4 != 0));
        Assert.Equal(0.75, window.Rate);
    }

    private static void Record(SuccessWindow window, int good = 0, int bad = 0)
    {
        for (int i = 0; i < good + bad; i++)
        {
            window.Record(i < good);
        }
    }

    private SuccessWindow Create(double threshold, int min) =>
        new(new SuccessRatePolicy(threshold, TimeSpan.FromSeconds(10), min), _time);
}

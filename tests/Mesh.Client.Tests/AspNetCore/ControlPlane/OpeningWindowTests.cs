using CsCheck;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.ControlPlane;

public sealed class OpeningWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Full_UntilOneIsOpen()
    {
        var window = new OpeningWindow(2, _time);
        Assert.True(window.TryEnter(out long first));
        Assert.True(window.TryEnter(out _));
        Assert.False(window.TryEnter(out _));

        window.Exit(first);

        Assert.True(window.TryEnter(out _));
        Assert.False(window.TryEnter(out _));
    }

    [Theory]
    [InlineData(700, false)]
    [InlineData(1000, true)]
    [InlineData(100_000, true)]
    public void OneThatSaysNothing_CountsForASecond(int milliseconds, bool isFree)
    {
        var window = new OpeningWindow(1, _time);
        Assert.True(window.TryEnter(out long part));

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(isFree, window.TryEnter(out _));
        window.Exit(part);
        Assert.Equal(!isFree, window.TryEnter(out _));
    }

    [Fact]
    public void AnyOrder_NeverMoreThanTheLimit_AndNoneIsLost() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 600]).Array[1, 200].Sample(steps =>
        {
            const int Limit = 5;
            var time = new FakeTimeProvider();
            var window = new OpeningWindow(Limit, time);
            var open = new Queue<(long Part, long Since)>();
            foreach ((int kind, int value) in steps)
            {
                if (kind == 0)
                {
                    time.Advance(TimeSpan.FromMilliseconds(value));
                }
                else if (kind == 1 && window.TryEnter(out long part))
                {
                    open.Enqueue((part, time.GetTimestamp()));
                }
                else if (kind == 2 && open.TryDequeue(out (long Part, long Since) oldest))
                {
                    window.Exit(oldest.Part);
                }

                // At most the limit of those that are younger than what a window surely holds.
                Assert.True(open.Count(one => time.GetElapsedTime(one.Since) < TimeSpan.FromMilliseconds(750)) <= Limit);
            }

            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(Limit, Enumerable.Range(0, Limit * 2).Count(_ => window.TryEnter(out long _)));
        });
}

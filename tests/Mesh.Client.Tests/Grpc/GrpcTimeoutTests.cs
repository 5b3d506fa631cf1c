using CsCheck;
using Mesh.Client.Grpc;

namespace Mesh.Client.Tests.Grpc;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("15m", 150_000)]
    [InlineData("7u", 70)]
    [InlineData("99999999n", 999_999)]
    [InlineData("0n", 0)]
    [InlineData("00000001S", 10_000_000)]
    public void TryParse_EachUnit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Fact]
    public void Format_AnyTime_IsReadAsTheSameOrALittleLess() =>
        Gen.Long[0, TimeSpan.MaxValue.Ticks].Where(ticks => ticks >= 0).Select(ticks => ticks >> (int)(ticks % 60)).Sample(
            ticks =>
            {
                string text = GrpcTimeout.Format(new TimeSpan(ticks));
                bool read = GrpcTimeout.TryParse(text, out TimeSpan timeout);

                // Eight digits of the finest unit that suffices: the coarser unit before it is at most 3,600 of it.
                return read && text.Length <= 9 && timeout.Ticks <= ticks
                    && (ticks > GrpcTimeout.Longest.Ticks || ticks - timeout.Ticks <= Math.Max(ticks / 1000, 10));
            },
            iter: 100_000);

    [Fact]
    public void Format_PassedTime_IsNone() => Assert.Equal("0n", GrpcTimeout.Format(TimeSpan.FromSeconds(-1)));

    [Fact]
    public void Format_LongerThanCanBeSaid_IsTheLongest() => Assert.Equal("99999999H", GrpcTimeout.Format(GrpcTimeout.Longest * 2));
}

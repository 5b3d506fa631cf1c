using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests;

public class MeshDeadlineTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Remaining_NoneSet_IsNull() => Assert.Null(MeshDeadline.Remaining);

    [Fact]
    public async Task Begin_TimePasses_IsLeftLess()
    {
        using IDisposable _ = MeshDeadline.Begin(TimeSpan.FromSeconds(5), _time);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(3), await Task.Run(() => MeshDeadline.Remaining, TestContext.Current.CancellationToken));
        _time.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(TimeSpan.Zero, MeshDeadline.Remaining);
    }

    [Fact]
    public void Begin_Within_OnlyShortens()
    {
        using (MeshDeadline.Begin(TimeSpan.FromSeconds(5), _time))
        {
            using (MeshDeadline.Begin(TimeSpan.FromSeconds(9), _time))
            {
                Assert.Equal(TimeSpan.FromSeconds(5), MeshDeadline.Remaining);
            }

            using (MeshDeadline.Begin(TimeSpan.FromSeconds(1), _time))
            {
                Assert.Equal(TimeSpan.FromSeconds(1), MeshDeadline.Remaining);
            }

            Assert.Equal(TimeSpan.FromSeconds(5), MeshDeadline.Remaining);
        }

        Assert.Null(MeshDeadline.Remaining);
    }

    [Fact]
    public void Begin_Infinite_SetsNone()
    {
        using (MeshDeadline.Begin(Timeout.InfiniteTimeSpan, _time))
        {
            Assert.Null(MeshDeadline.Remaining);
        }

        using IDisposable _ = MeshDeadline.Begin(TimeSpan.FromSeconds(5), _time);
        using IDisposable inner = MeshDeadline.Begin(Timeout.InfiniteTimeSpan, _time);
        Assert.Equal(TimeSpan.FromSeconds(5), MeshDeadline.Remaining);
    }

    [Fact]
    public void Begin_Negative_HasPassed()
    {
        using IDisposable _ = MeshDeadline.Begin(TimeSpan.MinValue, _time);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.Zero, MeshDeadline.Remaining);
    }

    [Fact]
    public void Suppress_Within_LeavesIt()
    {
        using IDisposable _ = MeshDeadline.Begin(TimeSpan.FromSeconds(5), _time);
        using (MeshDeadline.Suppress())
        {
            Assert.Null(MeshDeadline.Remaining);
            using IDisposable inner = MeshDeadline.Begin(TimeSpan.FromSeconds(9), _time);
            Assert.Equal(TimeSpan.FromSeconds(9), MeshDeadline.Remaining);
        }

        Assert.Equal(TimeSpan.FromSeconds(5), MeshDeadline.Remaining);
    }
}

using CsCheck;
using Mesh.Client.Grpc;
using Mesh.Client.Resilience.Timeouts;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Timeouts;

public class DeadlineTests
{
    // A chain of services. Each takes over what it was told, has perhaps a timeout of its own, works a while, and tells the next; some more
    // than once, as a retry does.
    [Fact]
    public void Deadline_OverAnyChainOfHops_NeverGrows() =>
        Gen.Select(
            Gen.Long[0, TimeSpan.TicksPerDay],
            Gen.Select(
                Gen.Bool, Gen.Long[0, TimeSpan.TicksPerHour], Gen.Bool, Gen.Int[1, 3], Gen.Long[0, TimeSpan.TicksPerMinute]).Array[1, 12])
            .Sample((first, hops) =>
            {
                var time = new FakeTimeProvider();
                TimeSpan left = TimeSpan.FromTicks(first);
                DateTimeOffset end = time.GetUtcNow() + left;
                foreach ((bool isGrpc, long own, bool hasOwn, int attempts, long work) in hops)
                {
                    long began = time.GetTimestamp();
                    CallDeadline deadline = CallDeadline.None
                        .Or(left, TimeoutKind.Caller, time, began)
                        .Or(hasOwn ? TimeSpan.FromTicks(own) : null, TimeoutKind.Request, time, began);
                    string name = isGrpc ? GrpcTimeout.Header : "x-timeout-ms";
                    for (int i = 0; i < attempts; i++)
                    {
                        time.Advance(TimeSpan.FromTicks(work));
                        using var request = new HttpRequestMessage();
                        new DeadlineHeader(request, name).Write(request, time.Until(deadline.Due));
                        left = DeadlineHeader.Read(request, name)!.Value;

                        DateTimeOffset next = time.GetUtcNow() + left;
                        Assert.True(left == TimeSpan.Zero || next <= end, $"{next} is after {end}");
                        Assert.True(!hasOwn || left == TimeSpan.Zero || left.Ticks <= own);
                    }

                    end = left == TimeSpan.Zero ? end : time.GetUtcNow() + left;
                }
            });

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1500", 1500)]
    public void ReadMilliseconds_Digits_IsTheTime(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DeadlineHeader.ReadMilliseconds(text));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("10, 20")]
    [InlineData("99999999999999999999")]
    public void ReadMilliseconds_AnythingElse_IsNone(string text) => Assert.Null(DeadlineHeader.ReadMilliseconds(text));

    [Fact]
    public void ReadMilliseconds_Enormous_IsTheLongestTime() =>
        Assert.Equal(
            TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond,
            DeadlineHeader.ReadMilliseconds("9223372036854775807")!.Value.Ticks / TimeSpan.TicksPerMillisecond);

    [Fact]
    public void Restore_AfterWrites_GivesBackWhatTheCallerWrote()
    {
        using var request = new HttpRequestMessage();
        request.Headers.TryAddWithoutValidation("x-timeout-ms", ["1000", "2000"]);
        var header = new DeadlineHeader(request, "x-timeout-ms");
        var absent = new DeadlineHeader(request, GrpcTimeout.Header);

        header.Write(request, TimeSpan.FromSeconds(1));
        absent.Write(request, TimeSpan.FromSeconds(1));
        absent.Write(request, TimeSpan.FromSeconds(-1));
        Assert.Equal("1000", request.Headers.NonValidated["x-timeout-ms"].ToString());
        Assert.Equal("0n", request.Headers.NonValidated["grpc-timeout"].ToString());
        header.Restore(request);
        absent.Restore(request);

        Assert.Equal(["1000", "2000"], request.Headers.GetValues("x-timeout-ms"));
        Assert.False(request.Headers.Contains("grpc-timeout"));
    }

    [Fact]
    public void Restore_AmongOtherHeaders_GivesItBackWhereItStood()
    {
        using var request = new HttpRequestMessage();
        foreach (string name in (string[])["a", "X-Timeout-ms", "b", "c"])
        {
            request.Headers.TryAddWithoutValidation(name, [name + "1", name + "2"]);
        }

        var header = new DeadlineHeader(request, "x-timeout-ms");
        header.Write(request, TimeSpan.FromSeconds(1));
        header.Restore(request);

        Assert.Equal(["a", "x-timeout-ms", "b", "c"], request.Headers.Select(entry => entry.Key));
        Assert.All(request.Headers, entry => Assert.Equal(2, entry.Value.Count()));
    }

    [Fact]
    public void After_FurtherThanCanBeTold_IsNever()
    {
        Assert.Equal(Timestamps.Never, TimeProvider.System.After(TimeProvider.System.GetTimestamp(), TimeSpan.MaxValue));
        Assert.True(CallDeadline.None.Or(TimeSpan.MaxValue, TimeoutKind.Caller, TimeProvider.System, 1).IsNone);
    }
}

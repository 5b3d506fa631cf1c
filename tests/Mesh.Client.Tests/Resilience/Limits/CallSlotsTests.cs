using CsCheck;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Tests.Resilience.Limits;

public sealed class CallSlotsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void TryEnter_AtTheLimit_FalseUntilOneExits()
    {
        var slots = new CallSlots(new SlotBounds(2));
        Assert.True(slots.TryEnter(slots.Bounds));
        Assert.True(slots.TryEnter(slots.Bounds));
        Assert.False(slots.TryEnter(slots.Bounds));

        slots.Exit();

        Assert.True(slots.TryEnter(slots.Bounds));
        Assert.Equal((2, 0), (slots.InFlight, slots.Waiting));
    }

    [Fact]
    public async Task TryWait_SeveralWait_AreServedInOrderAndNotOvertaken()
    {
        var slots = new CallSlots(new SlotBounds(1));
        Assert.True(slots.TryEnter(slots.Bounds));
        Task[] line = [.. Enumerable.Range(0, 3).Select(_ => slots.TryWait(slots.Bounds, 3, CancellationToken.None)!)];
        Assert.Null(slots.TryWait(slots.Bounds, 3, CancellationToken.None));

        for (int served = 0; served < line.Length; served++)
        {
            Assert.All(line[served..], waiting => Assert.False(waiting.IsCompleted));
            slots.Exit();
            Assert.False(slots.TryEnter(slots.Bounds));
            await line[served].WaitAsync(Limit, TestContext.Current.CancellationToken);
        }

        Assert.Equal((1, 0), (slots.InFlight, slots.Waiting));
    }

    [Fact]
    public async Task TryWait_Cancelled_LeavesTheLine()
    {
        var slots = new CallSlots(new SlotBounds(1));
        slots.TryEnter(slots.Bounds);
        using var caller = new CancellationTokenSource();
        Task first = slots.TryWait(slots.Bounds, 1, caller.Token)!;

        await caller.CancelAsync();

        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first)).CancellationToken);
        Task second = slots.TryWait(slots.Bounds, 1, CancellationToken.None)!;
        slots.Exit();
        await second.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (slots.InFlight, slots.Waiting));
    }

    [Fact]
    public async Task Take_MoreSlots_ServesThoseThatWait()
    {
        var slots = new CallSlots(new SlotBounds(1));
        slots.TryEnter(slots.Bounds);
        Task[] line = [slots.TryWait(slots.Bounds, 9, CancellationToken.None)!, slots.TryWait(slots.Bounds, 9, CancellationToken.None)!];

        slots.Take(new SlotBounds(2));
        await line[0].WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal((2, 1), (slots.InFlight, slots.Waiting));
        slots.Take(SlotBounds.None);
        await line[1].WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal((3, 0), (slots.InFlight, slots.Waiting));
    }

    [Fact]
    public void Take_FewerSlots_CallsUnderWayStayCounted()
    {
        var slots = new CallSlots(new SlotBounds(3));
        Assert.True(slots.TryEnter(slots.Bounds) && slots.TryEnter(slots.Bounds) && slots.TryEnter(slots.Bounds));

        slots.Take(new SlotBounds(2));

        slots.Exit();
        Assert.False(slots.TryEnter(slots.Bounds));
        slots.Exit();
        Assert.True(slots.TryEnter(slots.Bounds));
    }

    /// <summary>Enter, wait, leave the line and exit in any order, against a list that a child could keep.</summary>
    [Fact]
    public void AnyOrder_EqualsANaiveLine() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 4], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 99]).Array[1, 60]).Sample((limit, room, steps) =>
        {
            var slots = new CallSlots(new SlotBounds(limit));
            int inFlight = 0;
            var line = new List<(Task Turn, CancellationTokenSource Caller)>();
            foreach ((int what, int which) in steps)
            {
                if (what == 0)
                {
                    bool entered = slots.TryEnter(slots.Bounds);
                    Assert.Equal(inFlight < limit && line.Count == 0, entered);
                    inFlight += entered ? 1 : 0;
                    var caller = new CancellationTokenSource();
                    if (!entered && slots.TryWait(slots.Bounds, room, caller.Token) is { } turn)
                    {
                        line.Add((turn, caller));
                    }
                    else if (!entered)
                    {
                        Assert.Equal(room, line.Count);
                    }
                }
                else if (what == 1 && inFlight > 0)
                {
                    slots.Exit();
                    if (line.Count == 0)
                    {
                        inFlight--;
                    }
                    else
                    {
                        Assert.True(line[0].Turn.Wait(Limit, TestContext.Current.CancellationToken));
                        line.RemoveAt(0);
                    }
                }
                else if (what == 2 && line.Count > 0)
                {
                    line[which % line.Count].Caller.Cancel();
                    Task left = line[which % line.Count].Turn;
                    Assert.Throws<AggregateException>(() => left.Wait(Limit, TestContext.Current.CancellationToken));
                    line.RemoveAt(which % line.Count);
                }

                Assert.Equal((inFlight, line.Count), (slots.InFlight, slots.Waiting));
            }
        });

    [Fact]
    public async Task ManyCallers_NeverAboveTheLimitAndNobodyWaitsForEver()
    {
        const int Max = 3;
        const int Callers = 32;
        var slots = new CallSlots(new SlotBounds(Max));
        int inside = 0;
        int most = 0;
        int served = 0;
        int givenUp = 0;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (int i = 0; i < 500; i++)
            {
                using var patience = new CancellationTokenSource();
                if (!slots.TryEnter(slots.Bounds))
                {
                    Task turn = slots.TryWait(slots.Bounds, Callers, patience.Token)!;
                    try
                    {
                        if (random.Next(4) == 0)
                        {
                            await patience.CancelAsync();
                        }

                        await turn;
                    }
                    catch (OperationCanceledException)
                    {
                        Interlocked.Increment(ref givenUp);
                        continue;
                    }
                }

                int now = Interlocked.Increment(ref inside);
                int before = Volatile.Read(ref most);
                while (now > before && Interlocked.CompareExchange(ref most, now, before) is var seen && seen != before)
                {
                    before = seen;
                }

                await Task.Yield();
                Interlocked.Decrement(ref inside);
                slots.Exit();
                Interlocked.Increment(ref served);
            }
        }, TestContext.Current.CancellationToken))).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.InRange(most, 1, Max);
        Assert.Equal(Callers * 500, served + givenUp);
        Assert.Equal((0, 0), (slots.InFlight, slots.Waiting));
    }

    [Fact]
    public void TryEnter_SlotFree_AllocatesNothing()
    {
        var slots = new CallSlots(new SlotBounds(1));
        Assert.Equal(0, Allocations.Of(() =>
        {
            slots.TryEnter(slots.Bounds);
            slots.Exit();
        }));
    }
}

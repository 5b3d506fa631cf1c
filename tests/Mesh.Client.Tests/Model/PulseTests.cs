using Mesh.Client.Model;

namespace Mesh.Client.Tests.Model;

public sealed class PulseTests
{
    [Fact]
    public void Signalled_Held_IsDoneUntilReleased()
    {
        var pulse = new Pulse();
        Task before = pulse.Signalled;
        Assert.False(before.IsCompleted);

        pulse.Hold();
        Assert.True(before.IsCompleted);
        Assert.True(pulse.Signalled.IsCompleted);

        pulse.Release();
        Assert.False(pulse.Signalled.IsCompleted);
    }

    /// <summary>Whoever looks while somebody begins to hold it finds it signalled: at once, or by the signal that is under way.</summary>
    [Fact]
    public void Signalled_TakenWhileAnotherBeginsToHold_IsDoneOnceItIsHeld()
    {
        const int Rounds = 200_000;
        var pulses = new Pulse[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            pulses[i] = new Pulse();
        }

        int round = -1;
        int held = -1;
        var holder = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                SpinUntil(ref round, i);
                pulses[i].Hold();
                Volatile.Write(ref held, i);
            }
        });
        holder.Start();
        int missed = 0;
        for (int i = 0; i < Rounds; i++)
        {
            Volatile.Write(ref round, i);
            Task signalled = pulses[i].Signalled;
            SpinUntil(ref held, i);
            missed += signalled.IsCompleted ? 0 : 1;
        }

        holder.Join();
        Assert.Equal(0, missed);
    }

    private static void SpinUntil(ref int value, int reached)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref value) < reached)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}

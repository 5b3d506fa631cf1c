using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Quickstart;

/// <summary>Ctrl+C and SIGTERM for the whole process, whose hosts do not listen for them. A second one, a second later, ends it at once.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What a shell expects of a process that Ctrl+C has ended.</summary>
    public const int ExitCode = 130;

    // Whoever starts us may pass on what the terminal has sent already.
    private static readonly TimeSpan Same = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _come = new();
    private readonly PosixSignalRegistration[] _signals;
    private long _first;

    public Interruption() => _signals =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Take), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take)];

    public CancellationToken Token => _come.Token;

    /// <summary>Waits for the end of some work. False when an interruption comes first: then the work is left where it is.</summary>
    public async Task<bool> LetsFinishAsync(Task work)
    {
        await Task.WhenAny(work, Task.Delay(Timeout.Infinite, Token));
        if (!Token.IsCancellationRequested)
        {
            await work;
            return true;
        }

        // What goes wrong from here on does so because we end.
        Console.WriteLine("Interrupted.");
        Console.SetOut(TextWriter.Null);
        return false;
    }

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        _come.Dispose();
    }

    private void Take(PosixSignalContext signal)
    {
        long now = Stopwatch.GetTimestamp();
        long first = Interlocked.CompareExchange(ref _first, now, 0);
        signal.Cancel = first == 0 || Stopwatch.GetElapsedTime(first, now) < Same;
        _come.Cancel();
    }
}

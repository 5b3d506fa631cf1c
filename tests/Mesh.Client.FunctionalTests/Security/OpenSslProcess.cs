using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>One run of the <c>openssl</c> command; disposal ends it in any case.</summary>
internal sealed class OpenSslProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OpenSslProcess(Process process) => _process = process;

    /// <summary>What it has written so far, messages and errors together.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static OpenSslProcess Start(params IEnumerable<string> arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("openssl", arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var run = new OpenSslProcess(process);
        process.OutputDataReceived += run.Read;
        process.ErrorDataReceived += run.Read;
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new InvalidOperationException("The command openssl (3.0 or later) is needed, as of the package 'openssl'.", e);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Sends what a user would type, and with it the end of all input.</summary>
    public async Task TypeAsync(string text)
    {
        try
        {
            await _process.StandardInput.WriteAsync(text);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it read that; its output says why.
        }
    }

    /// <summary>For <c>s_server -accept 127.0.0.1:0</c>: the port, once it listens.</summary>
    public async Task<int> ListeningAsync()
    {
        Task ended = _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(_listening.Task, ended).WaitAsync(Limit);
        return _listening.Task.IsCompleted ? await _listening.Task : throw new InvalidOperationException($"It does not listen:\n{Output}");
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>What it said, and its exit code.</returns>
    public async Task<(string Output, int ExitCode)> EndAsync()
    {
        // Also for the last of its output.
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        TestContext.Current.TestOutputHelper?.WriteLine(Output);
        return (Output, _process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Read(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line.Data);
        }

        const string Ready = "ACCEPT 127.0.0.1:";
        if (line.Data.StartsWith(Ready, StringComparison.Ordinal)
            && int.TryParse(line.Data.AsSpan(Ready.Length), out int port))
        {
            _listening.TrySetResult(port);
        }
    }
}

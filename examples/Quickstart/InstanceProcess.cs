using System.Diagnostics;
using System.Globalization;

namespace Quickstart;

/// <summary>A catalog instance as a real child process.</summary>
internal sealed class InstanceProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private int _disposed;

    private InstanceProcess(string name, Process process, int port)
    {
        Name = name;
        _process = process;
        Port = port;
    }

    public string Name { get; }

    public int Port { get; }

    public int Id => _process.Id;

    /// <param name="name">What it is called.</param>
    /// <param name="settings">Its configuration.</param>
    /// <param name="cancellationToken">Gives up, and leaves no process behind.</param>
    public static async Task<InstanceProcess> StartAsync(
        string name, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };

        // Started as `dotnet Quickstart.dll` the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(InstanceProcess).Assembly.Location);
        }

        foreach ((string key, string? value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.ArgumentList.Add("--child");
        start.ArgumentList.Add(name);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartLimit, cancellationToken);
            return line?.Split(' ') is ["ready", string port]
                ? new InstanceProcess(name, process, int.Parse(port, CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"{name} did not come up: it printed '{line}'.");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>It leaves the mesh, finishes what is under way, and ends.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(StopLimit);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _process.Kill();
            _process.Dispose();
        }
    }
}

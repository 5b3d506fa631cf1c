using System.Diagnostics;
using System.Globalization;

namespace Quickstart;

/// <summary>A catalog instance as a real child process.</summary>
internal sealed class InstanceProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;

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
    public static async Task<InstanceProcess> StartAsync(string name, IReadOnlyDictionary<string, string?> settings)
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
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
        if (line?.Split(' ') is not ["ready", string port])
        {
            process.Kill();
            throw new InvalidOperationException($"{name} did not come up: it printed '{line}'.");
        }

        return new InstanceProcess(name, process, int.Parse(port, CultureInfo.InvariantCulture));
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
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}

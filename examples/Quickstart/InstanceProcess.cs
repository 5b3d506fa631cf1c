using System.Diagnostics;
using System.Globalization;

namespace Quickstart;

/// <summary>A catalog instance as a real child process.</summary>
internal sealed class InstanceProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private InstanceProcess(string name, Process process, int httpPort, int grpcPort)
    {
        Name = name;
        _process = process;
        HttpPort = httpPort;
        GrpcPort = grpcPort;
    }

    public string Name { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public int Id => _process.Id;

    public static async Task<InstanceProcess> StartAsync(string name)
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

        start.ArgumentList.Add("--instance");
        start.ArgumentList.Add(name);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
        if (line?.Split(' ') is not ["ready", string http, string grpc])
        {
            process.Kill();
            throw new InvalidOperationException($"{name} did not come up: it printed '{line}'.");
        }

        return new InstanceProcess(
            name, process, int.Parse(http, CultureInfo.InvariantCulture), int.Parse(grpc, CultureInfo.InvariantCulture));
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
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

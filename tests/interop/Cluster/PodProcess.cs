using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>
/// A container: a process with network, mounts and host name of its own, a file system that is read-only, and a user that is nobody else.
/// </summary>
internal sealed class PodProcess : IAsyncDisposable
{
    // $1 name, $2 address, $3 gateway, $4 hosts, $5 program, then pairs of directory and place. All of it ends with the process.
    private const string Script = """
        set -e
        name=$1 address=$2 gateway=$3 hosts=$4 program=$5
        shift 5
        ip link set lo up
        until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
        ip addr add "$address/24" dev eth0
        ip link set eth0 up
        ip route add default via "$gateway"
        hostname "$name"
        mount --bind "$hosts" /etc/hosts
        mount -t tmpfs -o mode=755 tmpfs /run
        while [ $# -gt 0 ]; do
          mkdir -p "$2"
          mount --bind "$1" "$2"
          shift 2
        done
        cd "$(dirname "$program")"
        mount -o remount,bind,ro /
        exec setpriv --reuid 1654 --regid 1654 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs dotnet "$program"
        """;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = [];

    private PodProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public string Log => string.Join('\n', _log);

    public static async Task<PodProcess> StartAsync(
        string name,
        string address,
        string hosts,
        string program,
        Dictionary<string, string> environment,
        IEnumerable<(string Directory, string Place)> mounts)
    {
        string[] places = [.. mounts.SelectMany(mount => new[] { mount.Directory, mount.Place })];
        var start = new ProcessStartInfo(
            "unshare", ["-n", "-m", "-u", "sh", "-c", Script, "pod", name, address, PodNetwork.Gateway, hosts, program, .. places])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string? path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = "/home/app";
        start.Environment["ASPNETCORE_HTTP_PORTS"] = "8080";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = new PodProcess(start);
        await UnsharedAsync(process._process);
        await PodNetwork.PlugAsync(process._process.Id, address);
        return process;
    }

    /// <summary>Runs a program where the pod's own loopback is: what <c>kubectl port-forward</c> leads to.</summary>
    public Task<string> RunInsideAsync(string file, params string[] arguments) =>
        Command.RunAsync("nsenter", ["-t", $"{_process.Id}", "-n", file, .. arguments]);

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, and SIGKILL where that is not enough.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            await Command.RunAsync("kill", ["-TERM", $"{_process.Id}"]);
            using var limit = new CancellationTokenSource(patience);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Keep($"did not end within {patience.TotalSeconds:0} s");
                _process.Kill();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // An interface that comes before the process has its own network would come to this one's.
    private static Task UnsharedAsync(Process process) => Eventually.TrueAsync(() =>
        process.HasExited || new FileInfo($"/proc/{process.Id}/ns/net").LinkTarget != new FileInfo("/proc/self/ns/net").LinkTarget);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A test node as a real process, which can be killed.</summary>
internal sealed class TestNodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // One heap, collected by who asks for it.
    private static readonly Dictionary<string, string> QuietHeap = new()
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_TieredPGO"] = "0",
    };

    private readonly Process _process;

    private TestNodeProcess(Process process, int[] ports)
    {
        _process = process;
        Ports = ports;
    }

    public int Port => Ports[0];

    /// <summary>As it said them.</summary>
    public int[] Ports { get; }

    public static Task<TestNodeProcess> ServerAsync(string name, string journal, int port = 0) =>
        ListeningAsync("server", name, journal, port.ToString(CultureInfo.InvariantCulture));

    /// <summary>A pod, whose first port is for HTTP/1.1 and whose second is for HTTP/2; each is any that is free where it is 0.</summary>
    /// <param name="name">Answered with.</param>
    /// <param name="journal">Where the ids of the calls go that were executed.</param>
    /// <param name="address">The pod's.</param>
    /// <param name="port">Of HTTP/1.1.</param>
    /// <param name="http2Port">Of HTTP/2.</param>
    /// <param name="environment">Its settings of the mesh, <c>Mesh__Identity__Source</c> and so on.</param>
    public static Task<TestNodeProcess> PodAsync(
        string name,
        string journal,
        string address,
        int port = 0,
        int http2Port = 0,
        Dictionary<string, string>? environment = null) =>
        ListeningAsync(
            environment ?? [],
            "pod",
            name,
            journal,
            address,
            port.ToString(CultureInfo.InvariantCulture),
            http2Port.ToString(CultureInfo.InvariantCulture));

    /// <summary>An instance of <c>catalog</c> that registers itself.</summary>
    public static Task<TestNodeProcess> RegisteredAsync(string name, int controlPlane) =>
        ListeningAsync("registered", name, controlPlane.ToString(CultureInfo.InvariantCulture));

    public static Task<TestNodeProcess> ControlPlaneAsync(string settings, int port = 0, string address = "127.0.0.1") =>
        ListeningAsync("control-plane", settings, address, port.ToString(CultureInfo.InvariantCulture));

    /// <summary>Runs a client process that calls <paramref name="host"/> once for each key; the answers in the order of the keys.</summary>
    public static async Task<string[]> AskAsync(string settings, string host, IReadOnlyCollection<string> keys)
    {
        using Process process = Start("client", settings, host);
        Task write = Task.Run(async () =>
        {
            foreach (string key in keys)
            {
                await process.StandardInput.WriteLineAsync(key);
            }

            process.StandardInput.Close();
        });
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(StartLimit);
        await write;
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs a process that does nothing but measure what a service costs in <paramref name="what"/>; the bytes.</summary>
    public static async Task<double> MemoryAsync(string what, params string[] arguments)
    {
        using Process process = Start(QuietHeap, ["memory", what, .. arguments]);
        try
        {
            // It ends by itself, with no number if it came to none.
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(
                double.TryParse(output, CultureInfo.InvariantCulture, out double bytes), $"The node has measured nothing: '{output}'.");
            return bytes;
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; waits for the end that it leads to.</summary>
    public async Task TerminateAsync()
    {
        using Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]);
        await _process.WaitForExitAsync().WaitAsync(StartLimit);
    }

    /// <summary>As SIGTERM would.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(StartLimit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Task<TestNodeProcess> ListeningAsync(params string[] arguments) => ListeningAsync(environment: [], arguments);

    private static async Task<TestNodeProcess> ListeningAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        Process process = Start(environment, arguments);
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
        Assert.True(line?.StartsWith("ready ", StringComparison.Ordinal), $"The node did not come up: '{line}'.");
        return new TestNodeProcess(process, [.. line![6..].Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))]);
    }

    private static Process Start(params string[] arguments) => Start(environment: [], arguments);

    private static Process Start(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Mesh.Client.TestNode"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
    }
}

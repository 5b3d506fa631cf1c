using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary><c>examples/ControlPlane</c> as a process of its own, by its own settings but for the ports and where the API server is.</summary>
internal sealed class ControlPlaneApp : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri[]> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _lines = new();

    private ControlPlaneApp(Process process) => _process = process;

    public Uri Grpc { get; private set; } = null!;

    public Uri Http { get; private set; } = null!;

    public Uri Webhook { get; private set; } = null!;

    /// <summary>What it has written.</summary>
    public string Output => string.Join('\n', _lines);

    /// <param name="api">Its API server.</param>
    /// <param name="folder">It is started there.</param>
    public static async Task<ControlPlaneApp> StartAsync(FaultServer api, TemporaryFolder folder)
    {
        string config = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [ { name: test, cluster: { server: "http://127.0.0.1:{{api.Port}}" } } ]
            contexts: [ { name: test, context: { cluster: test, user: test, namespace: mesh } } ]
            users: [ { name: test, user: { token: test } } ]
            """);

        // Built with the tests, in the same configuration.
        string project = Path.Combine(ManifestFiles.Root, "examples", "ControlPlane");
        string[] built = AppContext.BaseDirectory.TrimEnd('/').Split(Path.DirectorySeparatorChar);
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.GetDirectoryName(config),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(project, "bin", built[^2], built[^1], "mesh-control-plane.dll"),
                "--contentRoot",
                project,
            },
            Environment =
            {
                ["KUBECONFIG"] = config,
                ["POD_NAMESPACE"] = "mesh",
                ["Kestrel__Endpoints__Grpc__Url"] = "http://127.0.0.1:0",
                ["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0",
                ["Kestrel__Endpoints__Webhook__Url"] = "http://127.0.0.1:0",
            },
        };
        var app = new ControlPlaneApp(new Process { StartInfo = start });
        app._process.OutputDataReceived += (_, line) => app.Read(line.Data);
        app._process.ErrorDataReceived += (_, line) => app.Read(line.Data);
        app._process.Start();
        app._process.BeginOutputReadLine();
        app._process.BeginErrorReadLine();
        _ = app._process.WaitForExitAsync().ContinueWith(
            _ => app._bound.TrySetException(new InvalidOperationException(app.Output)), TaskScheduler.Default);

        // In the order of their names.
        if (await app._bound.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken) is [var grpc, var http, var webhook])
        {
            (app.Grpc, app.Http, app.Webhook) = (grpc, http, webhook);
        }

        return app;
    }

    /// <summary>As kubelet ends it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        Uri[] bound = [.. _lines.Select(one => one.Split(Listening)).Where(parts => parts.Length == 2).Select(parts => new Uri(parts[1]))];
        if (bound.Length == 3)
        {
            _bound.TrySetResult(bound);
        }
    }
}

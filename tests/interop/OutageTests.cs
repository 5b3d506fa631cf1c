using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;
using Mesh.Client.KubernetesTests.RollingUpdate;

namespace Mesh.Client.InteropTests;

/// <summary>The API server is killed and started again, with calls going on.</summary>
public sealed partial class OutageTests
{
    private const int Clients = 20;

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_API_server_that_is_away_costs_no_call_and_is_not_overrun_when_it_is_back()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Deployment("web", 3));
        await ns.KubectlAsync("rollout", "status", "deployment/web", "--timeout=60s");
        MeshApp[] apps = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => MeshApp.StartAsync(ns.Name)));
        foreach (MeshApp app in apps)
        {
            await app.ReadyAsync("http://web/who");
            await app.ReadyAsync("http://web:81/who", HttpVersion.Version20);
        }

        var load = new CallLoad(apps[0].Client, new Uri("http://web"), new Uri("http://web:81"));
        load.Start(4);
        await Command.ShellAsync(Setting.StopServer);
        await Task.Delay(Away, TestContext.Current.CancellationToken);
        await Command.ShellAsync(Setting.StartServer);
        long started = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(IsReadyAsync);
        TimeSpan ready = TimeProvider.System.GetElapsedTime(started);
        await ns.KubectlAsync("scale", "deployment", "web", "--replicas=5");
        await ns.KubectlAsync("rollout", "status", "deployment/web", "--timeout=60s");
        long scaled = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(apps.Select(app => Eventually.TrueAsync(async () => (await app.AskAsync("http://web/who", 50)).Count == 5)));
        TimeSpan followed = TimeProvider.System.GetElapsedTime(scaled);
        await load.EndAsync();
        string metrics = await Command.RunAsync(Setting.Kubectl, ["get", "--raw", "/metrics"]);
        string summary = $"{Clients} clients; API server ready after {ready.TotalSeconds:0.0} s, all clients follow after another "
            + $"{followed.TotalSeconds:0.0} s; {load.Calls} calls, {load.Failed.Length} failed. Requests of the new API server: "
            + string.Join(", ", new[] { "endpointslices", "services", "httproutes" }.SelectMany(kind => Requests(metrics, kind)));
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(load.Failed.Length == 0, $"{summary}:\n{string.Join("\n", load.Failed.Take(5))}");
        foreach (MeshApp app in apps)
        {
            await app.DisposeAsync();
        }
    }

    private static async Task<bool> IsReadyAsync()
    {
        try
        {
            await Command.RunAsync(Setting.Kubectl, ["get", "--raw", "/readyz"]);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // All callers' together: the controllers' too.
    private static IEnumerable<string> Requests(string metrics, string resource) => CountPattern().Matches(metrics)
        .Where(match => match.Groups["labels"].Value.Contains($"resource=\"{resource}\"", StringComparison.Ordinal))
        .GroupBy(match => VerbPattern().Match(match.Groups["labels"].Value).Groups[1].Value)
        .Where(group => group.Key is "LIST" or "WATCH")
        .Select(group => $"{group.Key} {resource} {group.Sum(Count)}");

    private static double Count(Match match) => double.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^apiserver_request_total\\{(?<labels>[^}]*)\\} (?<count>\\S+)$", RegexOptions.Multiline)]
    private static partial Regex CountPattern();

    [GeneratedRegex("verb=\"([A-Z]*)\"")]
    private static partial Regex VerbPattern();
}

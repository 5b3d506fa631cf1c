using k8s;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.InteropTests;

/// <summary>Connections to the API server that have died without a word.</summary>
public sealed class HalfDeadTests
{
    [Fact]
    public async Task A_connection_that_has_died_without_a_word_is_found_within_30_seconds()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        using var folder = new TemporaryFolder();
        await ns.ApplyAsync(Workload.Bare);
        await using TestNodeProcess one = await TestNodeProcess.PodAsync("one", folder.File("one"), Setting.Addresses[0]);
        await using TestNodeProcess two = await TestNodeProcess.PodAsync("two", folder.File("two"), Setting.Addresses[1]);
        await ns.ApplyAsync(Workload.Slice("web", one, Setting.Addresses[0]));
        KubernetesClientConfiguration access = KubernetesClientConfiguration.BuildDefaultConfig();
        await using var relay = new FreezingRelay(new Uri(access.Host).Port);
        access.Host = $"https://127.0.0.1:{relay.Port}";
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name, access);
        await mesh.OnlyAsync("http://web/who", "one");

        relay.Freeze();
        await ns.ApplyAsync(Workload.Slice("web", two, Setting.Addresses[1]));
        TimeSpan took = await mesh.OnlyAsync("http://web/who", "two");
        TestContext.Current.TestOutputHelper?.WriteLine($"a change while the connection was dead was seen after {took.TotalSeconds:0.0} s");
    }
}

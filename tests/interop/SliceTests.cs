using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>Slices written by hand, for a Service that selects no pods: also where no controller runs.</summary>
public sealed class SliceTests
{
    [Fact]
    public async Task A_client_follows_slices_that_are_written_by_hand()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        using var folder = new TemporaryFolder();
        await ns.ApplyAsync(Workload.Bare);
        await using TestNodeProcess one = await TestNodeProcess.PodAsync("one", folder.File("one"), Setting.Addresses[0]);
        await using TestNodeProcess two = await TestNodeProcess.PodAsync("two", folder.File("two"), Setting.Addresses[1]);
        string first = Workload.Slice("web-a", one, Setting.Addresses[0]);
        await ns.ApplyAsync(first);
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync("http://web/who", "one");

        await ns.ApplyAsync(Workload.Slice("web-b", two, Setting.Addresses[1]));
        TimeSpan added = await mesh.OnlyAsync("http://web/who", "one", "two");
        await ns.ApplyAsync(Workload.Slice("web-b", two, Setting.Addresses[1], "ready: false, serving: true, terminating: true"));
        TimeSpan terminating = await mesh.OnlyAsync("http://web/who", "one");
        await ns.KubectlAsync("delete", "endpointslice", "web-a");
        await mesh.OnlyAsync("http://web/who", "two");
        await ns.ApplyAsync(first);
        await mesh.OnlyAsync("http://web/who", "one");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seen after kubectl had ended: new slice {added.TotalMilliseconds:0} ms, terminating {terminating.TotalMilliseconds:0} ms");
    }
}

using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;
using Mesh.Client.Kubernetes;

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

    [Fact]
    public async Task A_dual_stack_Service_is_called_by_its_first_family_or_by_the_one_that_is_asked_for()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        using var folder = new TemporaryFolder();
        await ns.ApplyAsync(Workload.Bare.Replace(
            "clusterIP: None", "clusterIP: None, ipFamilyPolicy: RequireDualStack, ipFamilies: [ IPv6, IPv4 ]", StringComparison.Ordinal));
        await using TestNodeProcess four = await TestNodeProcess.PodAsync("four", folder.File("four"), Setting.Addresses[0]);
        await using TestNodeProcess six = await TestNodeProcess.PodAsync("six", folder.File("six"), Setting.IPv6Address);
        await ns.ApplyAsync(Workload.Slice("web-4", four, Setting.Addresses[0]));
        await ns.ApplyAsync(Workload.Slice("web-6", six, Setting.IPv6Address));
        await using MeshApp first = await MeshApp.StartAsync(ns.Name);
        await using MeshApp other = await MeshApp.StartAsync(ns.Name, kubernetes: options => options.IPFamily = MeshIPFamily.IPv4);
        await first.OnlyAsync("http://web/who", "six");
        await other.OnlyAsync("http://web/who", "four");
        await ns.KubectlAsync("delete", "endpointslice", "web-6");
        await first.OnlyAsync("http://web/who", "four");
    }
}

using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>A ServiceImport of the multi-cluster API, whose slices are written by hand as its controllers write them.</summary>
public sealed class ServiceImportTests
{
    private const string Kind = "serviceimports.multicluster.x-k8s.io";
    private const string Label = "multicluster.kubernetes.io/service-name";

    [Fact]
    public async Task A_name_of_the_cluster_set_is_called_even_if_its_CRD_came_after_the_client()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        using var folder = new TemporaryFolder();
        await using TestNodeProcess one = await TestNodeProcess.PodAsync("one", folder.File("one"), Setting.Addresses[0]);
        await using TestNodeProcess two = await TestNodeProcess.PodAsync("two", folder.File("two"), Setting.Addresses[1]);
        await using TestNodeProcess local = await TestNodeProcess.PodAsync("local", folder.File("local"), Setting.Addresses[2]);
        string web = $"http://web.{ns.Name}.svc.clusterset.local/who";
        bool hadImports = await ns.ServesAsync(Kind);

        // A Service of the same name, and slices of both: neither gets the other's.
        await ns.ApplyAsync(Workload.Bare);
        await ns.ApplyAsync(Workload.Slice("local", local, Setting.Addresses[2]));
        await ns.ApplyAsync(Workload.Slice("east-a", one, Setting.Addresses[0], label: Label));
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync("http://web/who", "local");
        Assert.Equal(MeshFailure.UnknownService, await FailureAsync());

        await ns.KubectlAsync("apply", "--server-side", "-f", Setting.MultiClusterApi);
        await ns.KubectlAsync("wait", "--for=condition=Established", $"crd/{Kind}");
        await ns.ApplyAsync("""
            apiVersion: multicluster.x-k8s.io/v1alpha1
            kind: ServiceImport
            metadata: { name: web }
            spec: { type: ClusterSetIP, ips: [ 10.200.0.1 ], ports: [ { name: http, port: 80, protocol: TCP } ] }
            """);
        long started = TimeProvider.System.GetTimestamp();
        while (await FailureAsync() is not null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(90), "The ServiceImport is not seen.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"the CRD was {(hadImports ? "there" : "not there")} at the start; called after "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
        await mesh.OnlyAsync(web, "one");
        await ns.ApplyAsync(Workload.Slice("west-a", two, Setting.Addresses[1], label: Label));
        await mesh.OnlyAsync(web, "one", "two");
        await ns.KubectlAsync("delete", "endpointslice", "east-a");
        await mesh.OnlyAsync(web, "two");
        await mesh.OnlyAsync("http://web/who", "local");
        await ns.KubectlAsync("delete", "serviceimport", "web");
        await Eventually.TrueAsync(async () => await FailureAsync() is MeshFailure.UnknownService);

        async Task<MeshFailure?> FailureAsync()
        {
            try
            {
                await mesh.AskAsync(web, 1);
                return null;
            }
            catch (MeshException exception)
            {
                return exception.Reason;
            }
        }
    }
}

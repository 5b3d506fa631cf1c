using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>The Gateway API's routes, whose CRDs may come after the client.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task Routes_hold_from_when_they_are_applied_even_if_their_CRDs_came_after_the_client()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using TestNamespace other = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        foreach (string app in new[] { "web", "canary" })
        {
            await ns.ServiceAsync(app);
            await ns.ApplyAsync(Workload.Pod(app, app));
        }

        bool hadRoutes = await ns.ServesAsync("httproutes.gateway");
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        await mesh.OnlyAsync("http://web/who", "web");
        await ns.GatewayApiAsync();
        await ns.ApplyAsync(Workload.Route("web", "web", "[ { backendRefs: [ { name: canary, port: 80 } ] } ]"));
        long started = TimeProvider.System.GetTimestamp();
        while (!(await mesh.AskAsync("http://web/who", 1)).ContainsKey("canary"))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(90), "The route is not seen.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        Write($"the CRDs were {(hadRoutes ? "there" : "not there")} at the start; the first route held after "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");

        await ns.ApplyAsync(Workload.Route(
            "web", "web", "[ { backendRefs: [ { name: web, port: 80, weight: 75 }, { name: canary, port: 80, weight: 25 } ] } ]"));
        await mesh.OnlyAsync("http://web/who", "canary", "web");
        Dictionary<string, int> split = await mesh.AskAsync("http://web/who", 400);
        Write($"75 to 25: {Text(split)}");
        Assert.InRange(split["canary"], 60, 140);

        await ns.ApplyAsync(Workload.Route(
            "web", "web", "[ { backendRefs: [ { name: web, port: 80, weight: 75 }, { name: missing, port: 80, weight: 25 } ] } ]"));
        await mesh.OnlyAsync("http://web/who", "500", "web");
        Dictionary<string, int> missing = await mesh.AskAsync("http://web/who", 400);
        Write($"75 to 25, which is missing: {Text(missing)}");
        Assert.InRange(missing["500"], 60, 140);

        await ns.ServiceAsync("missing");
        await ns.ApplyAsync(Workload.Pod("missing", "missing"));
        await mesh.OnlyAsync("http://web/who", "missing", "web");

        await ns.ApplyAsync(Workload.Route(
            "web",
            "web",
            "[ { matches: [ { path: { type: PathPrefix, value: /old } } ], filters: [ { type: RequestRedirect, requestRedirect: "
            + "{ statusCode: 301, path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } } } ] }, "
            + "{ backendRefs: [ { name: web, port: 80 } ] } ]"));
        await mesh.OnlyAsync("http://web/who", "web");
        using (HttpResponseMessage redirect = await mesh.Client.GetAsync("http://web/old/x", TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.MovedPermanently, "/new/x"), (redirect.StatusCode, redirect.Headers.Location?.AbsolutePath));
        }

        // A route of the caller's own namespace: for it alone.
        await using MeshApp consumer = await MeshApp.StartAsync(other.Name);
        string web = $"http://web.{ns.Name}/who";
        await consumer.OnlyAsync(web, "web");
        await other.ApplyAsync(Workload.Route(
            "mine", $"web, namespace: {ns.Name}", $"[ {{ backendRefs: [ {{ name: canary, namespace: {ns.Name}, port: 80 }} ] }} ]"));
        await consumer.OnlyAsync(web, "canary");
        await mesh.OnlyAsync(web, "web");
        await other.KubectlAsync("delete", "httproute", "mine");
        await consumer.OnlyAsync(web, "web");
        await ns.KubectlAsync("delete", "httproute", "web");
        await Eventually.TrueAsync(async () => (await mesh.AskAsync("http://web/old", 1)).ContainsKey("web /old"));

        static void Write(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
        static string Text(Dictionary<string, int> answers) =>
            string.Join(", ", answers.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
    }
}

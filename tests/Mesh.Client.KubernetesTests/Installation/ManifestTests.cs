using System.Text.RegularExpressions;
using k8s.Models;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes.Objects;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>Names in one file that another has to have, and those that the code goes by.</summary>
public sealed partial class ManifestTests
{
    private static readonly V1PodTemplateSpec ControlPlane =
        ManifestFiles.Named<V1Deployment>("mesh", "mesh-control-plane").Spec.Template;

    public static TheoryData<string> Deployments() => [.. ManifestFiles.Of<V1Deployment>().Select(one => one.Metadata.Name)];

    public static TheoryData<string> Services() => [.. ManifestFiles.Of<V1Service>().Select(one => one.Metadata.Name)];

    [Fact]
    public void Every_file_is_in_its_kustomization() => Assert.All(ManifestFiles.Kustomizations, kustomization =>
    {
        string folder = Path.GetDirectoryName(kustomization)!;
        IEnumerable<string> there = Directory.GetFiles(folder, "*.yaml").Concat(Directory.GetDirectories(folder))
            .Where(path => path != kustomization && (File.Exists(path) || File.Exists(Path.Combine(path, "kustomization.yaml"))))
            .Select(path => Path.GetFileName(path)!);
        Assert.Equal(there.Order(StringComparer.Ordinal), ManifestFiles.Listed(kustomization).Order(StringComparer.Ordinal));
    });

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_selects_pods_that_have_its_ports(string name)
    {
        V1Service service = ManifestFiles.Of<V1Service>().Single(one => one.Metadata.Name == name);
        V1PodTemplateSpec[] pods = [.. ManifestFiles.Of<V1Deployment>()
            .Where(one => one.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty)
            .Select(one => one.Spec.Template)
            .Where(pod => Selects(service.Spec.Selector, pod.Metadata.Labels))];
        Assert.NotEmpty(pods);
        Assert.All(pods, pod => Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.Value, PortNames(pod))));
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void A_deployment_has_its_pods_account_and_ports_and_may_do_nothing_more(string name)
    {
        V1Deployment deployment = ManifestFiles.Of<V1Deployment>().Single(one => one.Metadata.Name == name);
        string ns = deployment.Metadata.NamespaceProperty;
        V1PodTemplateSpec pod = deployment.Spec.Template;
        Assert.True(Selects(deployment.Spec.Selector.MatchLabels, pod.Metadata.Labels));
        ManifestFiles.Named<V1ServiceAccount>(ns, pod.Spec.ServiceAccountName);
        Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.Spec.SecurityContext.SeccompProfile.Type);

        V1Container container = Assert.Single(pod.Spec.Containers);
        V1Probe?[] probes = [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];
        Assert.All(probes.OfType<V1Probe>(), probe => Assert.Contains(probe.HttpGet.Port.Value, PortNames(pod)));
        Assert.NotNull(container.ReadinessProbe);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.True(container.Resources.Limits.ContainsKey("memory") && container.Resources.Requests.ContainsKey("cpu"));

        // There is something to build the image from.
        string project = ns == "mesh" ? "ControlPlane" : $"Shop/{char.ToUpperInvariant(container.Name[0])}{container.Name[1..]}";
        Assert.True(File.Exists(Path.Combine(ManifestFiles.Root, "examples", project, "Program.cs")));
    }

    [Fact]
    public void What_the_control_plane_listens_on_is_what_its_pods_say()
    {
        IConfiguration settings = Settings("ControlPlane");
        Assert.Equal(
            settings.GetSection("Kestrel:Endpoints").GetChildren()
                .Select(endpoint => (endpoint.Key.ToLowerInvariant(), int.Parse(endpoint["Url"]!.Split(':')[^1], null))).Order(),
            ControlPlane.Spec.Containers[0].Ports.Select(port => (port.Name, port.ContainerPort)).Order());
    }

    [Fact]
    public void What_pods_are_told_of_the_control_plane_is_there()
    {
        var injector = new MeshInjectorOptions();
        V1Service grpc = ServiceOf(injector.ControlPlaneAddress.Host);
        Assert.Equal(injector.ControlPlaneAddress.Port, Assert.Single(grpc.Spec.Ports).Port);

        // One address for each replica: streams spread, and instances register with each.
        Assert.Equal("None", grpc.Spec.ClusterIP);
        Assert.Equal(
            ServiceAccountIdentity.Fill("mesh", ControlPlane.Spec.ServiceAccountName)!.Name,
            Settings("ControlPlane")["Mesh:Identity:Name"]);
        Assert.Equal(injector.TokenAudience, new MeshKubernetesAuthorityOptions().Audience);
        Assert.Equal(injector.TrustBundleConfigMap, new MeshKubernetesAuthorityOptions().TrustBundle);
    }

    [Fact]
    public void The_webhook_calls_the_injector_by_the_name_that_it_serves()
    {
        V1MutatingWebhookConfiguration configuration =
            ManifestFiles.Named<V1MutatingWebhookConfiguration>(null, new MeshKubernetesAuthorityOptions().InjectorWebhook);
        Assert.All(configuration.Webhooks, webhook =>
        {
            Admissionregistrationv1ServiceReference called = webhook.ClientConfig.Service;
            V1Service service = ServiceOf(new MeshInjectorOptions().ServerName);
            Assert.Equal((service.Metadata.NamespaceProperty, service.Metadata.Name), (called.NamespaceProperty, called.Name));
            Assert.Contains(service.Spec.Ports, port => port.Port == called.Port);
            Assert.Equal("/mesh/inject", called.Path);
            Assert.Equal(["v1"], webhook.AdmissionReviewVersions);
            Assert.Null(webhook.ClientConfig.CaBundle);
            V1RuleWithOperations rule = Assert.Single(webhook.Rules);
            Assert.Equal(["pods"], rule.Resources);
        });
    }

    // The selectors as the API server applies them.
    [Theory]
    [InlineData("enabled", null, "Ignore")]
    [InlineData("enabled", "enabled", "Ignore")]
    [InlineData("enabled", "disabled", null)]
    [InlineData("disabled", null, null)]
    [InlineData("disabled", "enabled", "Ignore")]
    [InlineData(null, null, null)]
    [InlineData(null, "enabled", "Ignore")]
    [InlineData(null, "disabled", null)]
    [InlineData("enabled", null, "Fail", "fail")]
    [InlineData("enabled", "disabled", null, "fail")]
    [InlineData(null, null, null, "fail")]
    public void A_pod_is_shown_to_the_injector_once_or_not_at_all(string? ns, string? pod, string? policy, string? failure = null)
    {
        Dictionary<string, string> labels = Label("mesh.client/inject", ns).Concat(Label("mesh.client/inject-failure", failure)).ToDictionary();
        V1MutatingWebhookConfiguration configuration = Assert.Single(ManifestFiles.Of<V1MutatingWebhookConfiguration>());
        Assert.Equal(policy is null ? [] : [policy], configuration.Webhooks
            .Where(webhook => Matches(webhook.NamespaceSelector, labels)
                && Matches(webhook.ObjectSelector, Label("mesh.client/inject", pod).ToDictionary()))
            .Select(webhook => webhook.FailurePolicy));
    }

    [Fact]
    public void Policies_and_budgets_are_of_pods_and_ports_that_there_are()
    {
        V1PodDisruptionBudget budget = ManifestFiles.Named<V1PodDisruptionBudget>("mesh", "mesh-control-plane");
        Assert.True(Selects(budget.Spec.Selector.MatchLabels, ControlPlane.Metadata.Labels));
        V1NetworkPolicy policy = ManifestFiles.Named<V1NetworkPolicy>("mesh", "mesh-control-plane");
        Assert.True(Selects(policy.Spec.PodSelector.MatchLabels, ControlPlane.Metadata.Labels));
        Assert.All(
            policy.Spec.Ingress.SelectMany(rule => rule.Ports), port => Assert.Contains(port.Port.Value, PortNames(ControlPlane)));
    }

    [Fact]
    public void Bindings_are_of_roles_and_accounts_that_there_are()
    {
        Assert.All(ManifestFiles.Of<V1ClusterRoleBinding>(), binding =>
        {
            ManifestFiles.Named<V1ClusterRole>(null, binding.RoleRef.Name);
            Assert.All(binding.Subjects, subject => ManifestFiles.Named<V1ServiceAccount>(subject.NamespaceProperty, subject.Name));
        });
        Assert.All(ManifestFiles.Of<V1RoleBinding>(), binding =>
        {
            ManifestFiles.Named<V1Role>(binding.Metadata.NamespaceProperty, binding.RoleRef.Name);
            Assert.All(binding.Subjects, subject => ManifestFiles.Named<V1ServiceAccount>(subject.NamespaceProperty, subject.Name));
        });
    }

    [Fact]
    public void Servers_of_the_shop_are_expected_by_the_names_that_they_get()
    {
        foreach (V1Deployment deployment in ManifestFiles.Of<V1Deployment>().Where(one => one.Metadata.NamespaceProperty == "shop"))
        {
            string program = ManifestFiles.Text("examples", "Shop", Project(deployment), "Program.cs");
            string? identity = null;
            deployment.Spec.Template.Metadata.Annotations?.TryGetValue(MeshAnnotations.Identity, out identity);
            Assert.Equal(
                program.Contains("AddMeshServer", StringComparison.Ordinal) ? ServiceAccountIdentity.DefaultTemplate : null, identity);

            // Whom it lets in is somebody's name.
            MatchCollection names = Identity().Matches(program), hosts = Called().Matches(program);
            Assert.True(names.Count + hosts.Count > 0);
            foreach (Match name in names)
            {
                Assert.True(ServiceAccountIdentity.TryParse(name.Value.Trim('"'), out string? ns, out string? account), name.Value);
                ManifestFiles.Named<V1ServiceAccount>(ns, account);
            }

            // Whom it calls is a Service.
            foreach (Match host in hosts)
            {
                ManifestFiles.Named<V1Service>("shop", host.Groups[1].Value);
            }
        }
    }

    [Fact]
    public void Routes_lead_to_services_that_there_are()
    {
        HttpRoute route = Assert.Single(ManifestFiles.Of<HttpRoute>());
        Assert.All(route.Spec!.ParentRefs!, parent => Port(parent.Name!, parent.Port));
        Assert.All(route.Spec.Rules!.SelectMany(rule => rule.BackendRefs!), backend => Port(backend.Name!, backend.Port));

        static void Port(string service, int? port) =>
            Assert.Contains(ManifestFiles.Named<V1Service>("shop", service).Spec.Ports, one => one.Port == port);
    }

    private static string Project(V1Deployment deployment)
    {
        string name = deployment.Spec.Template.Spec.Containers[0].Name;
        return $"{char.ToUpperInvariant(name[0])}{name[1..]}";
    }

    private static V1Service ServiceOf(string host)
    {
        string[] labels = host.Split('.');
        Assert.Equal("svc", labels[2]);
        return ManifestFiles.Named<V1Service>(labels[1], labels[0]);
    }

    /// <summary>As docs/registry.md counts: half of the heap, which is 75 % of the memory limit.</summary>
    [Fact]
    public void What_the_control_plane_takes_on_fits_into_its_memory()
    {
        var limits = new MeshControlPlaneLimitOptions();
        new LimitConfigureOptions(Settings("ControlPlane").GetSection("Mesh:ControlPlaneLimits")).Configure(limits);

        Assert.Empty(limits.ReadErrors);
        decimal memory = ControlPlane.Spec.Containers.Single().Resources.Limits["memory"].ToDecimal();
        Assert.InRange((limits.Streams * 17_000m) + (limits.Registrations * 51_000m), 1, memory * 0.75m / 2);
        Assert.InRange(limits.StreamsPerClient, 1, limits.Streams / 2);
    }

    private static IConfiguration Settings(string project) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(ManifestFiles.Root, "examples", project, "appsettings.json")).Build();

    private static string[] PortNames(V1PodTemplateSpec pod) =>
        [.. pod.Spec.Containers.SelectMany(one => one.Ports).Select(port => port.Name)];

    private static bool Selects(IDictionary<string, string> selector, IDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(pair => labels.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    private static KeyValuePair<string, string>[] Label(string name, string? value) => value is null ? [] : [new(name, value)];

    private static bool Matches(V1LabelSelector selector, Dictionary<string, string> labels) => selector.MatchExpressions.All(expression =>
    {
        Assert.Contains(expression.OperatorProperty, new[] { "In", "NotIn" });
        return (labels.TryGetValue(expression.Key, out string? value) && expression.Values.Contains(value))
            == (expression.OperatorProperty == "In");
    });

    [GeneratedRegex("\"[^\"]*\\.serviceaccount\\.identity\\.[^\"]*\"")]
    private static partial Regex Identity();

    [GeneratedRegex("new\\(\"http://([^\"]*)\"\\)")]
    private static partial Regex Called();
}

using System.Text.Json;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime.StatusReading;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>
/// Decides what a pod gets. A second pass over what came out adds nothing. Only adds: what the pod says stays as it is.
/// </summary>
internal sealed class PodInjector
{
    private static readonly string Version = StatusReader.Version();

    private readonly MeshInjectorOptions _options;
    private readonly ContainerEnvironment _environment;
    private readonly PodVolume _token;
    private readonly PodVolume _trustBundle;

    /// <param name="mesh">What this process, which is the control plane, says of itself.</param>
    public PodInjector(IOptions<MeshInjectorOptions> options, MeshConfiguration? mesh = null)
    {
        _options = options.Value;
        _environment = new ContainerEnvironment(
            _options,
            _options.ControlPlaneIdentity
                ?? (mesh?.Started.Identity is { Source: not MeshIdentitySource.None, Name: { } name } ? name : null)
                ?? ServiceAccountIdentity.Fill("mesh", "mesh-control-plane", _options.IdentityTemplate)!.Name);
        _token = PodVolume.Token(_options);
        _trustBundle = PodVolume.TrustBundle(_options);
    }

    /// <param name="pod">An object.</param>
    /// <param name="ns">The namespace that it comes into.</param>
    public Injection Inject(JsonElement pod, string ns)
    {
        var warnings = new PodWarnings();
        if (!IsWanted(pod, warnings))
        {
            return new Injection(InjectorMetrics.Disabled, warnings.All);
        }

        JsonElement spec = pod.Member("spec");
        string account = spec.NonEmptyText("serviceAccountName") ?? spec.NonEmptyText("serviceAccount") ?? "default";
        WorkloadIdentity? identity = ServiceAccountIdentity.Fill(ns, account, _options.IdentityTemplate);
        string? problem = identity is null
            ? $"service account '{PodName.Plain(account)}' in namespace '{PodName.Plain(ns)}' makes no DNS name for an identity"
            : FormProblem(pod) ?? PodLimits.Problem(pod);
        if (problem is not null)
        {
            warnings.Add($"nothing is injected: {problem}");
            return new Injection(InjectorMetrics.Skipped, warnings.All);
        }

        using var patch = new PodPatch();
        IReadOnlyList<PodContainer> containers = ContainerChoice.Of(pod, warnings);
        Injection injection = Fill(patch, containers, spec.Member("volumes"), ns, identity!.Name, warnings);
        if (patch.IsEmpty)
        {
            return new Injection(containers.Count == 0 ? InjectorMetrics.Skipped : InjectorMetrics.Unchanged, warnings.All);
        }

        Annotate(patch, pod);
        return injection with { Patch = patch.ToBytes() };
    }

    private bool IsWanted(JsonElement pod, PodWarnings warnings)
    {
        string? said = pod.Member("metadata").Member("labels").Text(InjectorNames.Inject);
        if (said is not (null or "enabled" or "disabled"))
        {
            warnings.Add($"label {InjectorNames.Inject} is '{PodName.Plain(said)}', neither enabled nor disabled, and counts as not set");
        }

        return said is "enabled" || (said is not "disabled" && _options.InjectByDefault);
    }

    // The API server would not have let it come so far.
    private static string? FormProblem(JsonElement pod) =>
        !pod.Member("metadata").IsAbsentOr(JsonValueKind.Object)
        || !pod.Member("metadata").Member("annotations").IsAbsentOr(JsonValueKind.Object) ? "metadata has another form than a pod's"
        : pod.Member("spec").ValueKind is not JsonValueKind.Object
        || !pod.Member("spec").Member("volumes").IsAbsentOr(JsonValueKind.Array) ? "spec has another form than a pod's"
        : null;

    private Injection Fill(
        PodPatch patch, IReadOnlyList<PodContainer> containers, JsonElement volumes, string ns, string identity, PodWarnings warnings)
    {
        IReadOnlySet<string> readOnly = ReadOnlyVolumes.Of(volumes);
        PodVolumes[] wanted = [new(volumes, readOnly, _token), new(volumes, readOnly, _trustBundle)];
        var names = new List<string>();
        bool hasEnvironment = false;
        foreach (PodContainer container in containers)
        {
            if (!container.Environment.IsAbsentOr(JsonValueKind.Array) || !container.Mounts.IsAbsentOr(JsonValueKind.Array))
            {
                warnings.Add($"container '{PodName.Plain(container.Name)}' has another form than a container's and gets nothing");
                continue;
            }

            if (PodLimits.IsTooLong(container.Environment) || PodLimits.IsTooLong(container.Mounts))
            {
                warnings.Add(
                    $"container '{PodName.Plain(container.Name)}' has more than {PodLimits.Max} variables or mounts and gets nothing");
                continue;
            }

            var own = new OwnEnvironment(container.Environment);
            VolumeMount[]? mounts = Mounts(container, own, wanted, warnings);
            List<EnvironmentVariable> missing = _environment.Missing(own, ns, mounts is null ? null : identity);
            mounts ??= [];
            patch.Append(container.At("env"), container.Environment, missing);
            patch.Append(container.At("volumeMounts"), container.Mounts, mounts);
            hasEnvironment |= missing.Count > 0;
            if (missing.Count + mounts.Length > 0)
            {
                names.Add(PodName.Plain(container.Name));
            }
        }

        PodVolume[] added = [.. wanted.Select(volume => volume.Missing).OfType<PodVolume>()];
        patch.Append("/spec/volumes", volumes, added);
        string[] environment = hasEnvironment ? ["environment"] : [];
        return new Injection(InjectorMetrics.Injected, warnings.All)
        {
            Containers = names,
            Added = string.Join(", ", added.Select(volume => volume.What).Concat(environment)),
        };
    }

    /// <returns>Null where it gets no identity: it says another one, or has no room for what belongs to ours.</returns>
    private VolumeMount[]? Mounts(PodContainer container, OwnEnvironment own, PodVolumes[] wanted, PodWarnings warnings)
    {
        var places = new List<(PodVolumes Volume, string? There)>();
        List<string> problems = _environment.OtherIdentity(own) is { } other ? [other] : [];
        if (problems.Count == 0)
        {
            foreach (PodVolumes volume in wanted)
            {
                string? problem = volume.Problem(container, out string? there);
                places.Add((volume, there));
                problems.AddRange(problem is null ? [] : [problem]);
            }
        }

        foreach (string problem in problems)
        {
            warnings.Add($"container '{PodName.Plain(container.Name)}': {problem}");
        }

        return problems.Count > 0 ? null : [.. places.Select(place => place.Volume.Mount(place.There)).OfType<VolumeMount>()];
    }

    private static void Annotate(PodPatch patch, JsonElement pod)
    {
        JsonElement metadata = pod.Member("metadata");
        JsonElement annotations = metadata.Member("annotations");
        if (annotations.ValueKind is JsonValueKind.Object)
        {
            if (!annotations.TryGetProperty(InjectorNames.Injected, out _))
            {
                patch.Add($"/metadata/annotations/{PodPatch.Escape(InjectorNames.Injected)}", json => json.WriteStringValue(Version));
            }
        }
        else if (metadata.ValueKind is JsonValueKind.Object)
        {
            patch.Add("/metadata/annotations", WriteAnnotations);
        }
        else
        {
            patch.Add("/metadata", json =>
            {
                json.WriteStartObject();
                json.WritePropertyName("annotations");
                WriteAnnotations(json);
                json.WriteEndObject();
            });
        }
    }

    private static void WriteAnnotations(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(InjectorNames.Injected, Version);
        json.WriteEndObject();
    }
}

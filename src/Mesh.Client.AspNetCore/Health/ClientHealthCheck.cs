using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.AspNetCore.Health;

/// <summary>Whether this process has what it needs to call others: not whether the others are well.</summary>
internal sealed class ClientHealthCheck(
    MeshRuntime runtime,
    MeshConfiguration configuration,
    ControlPlanes controlPlanes,
    CredentialStore credentials,
    MeshClientHealthOptions options) : IHealthCheck
{
    public const string Name = "mesh-client";
    public const string Tag = "ready";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var findings = new HealthFindings();
        IEnumerable<string> services = options.Services.Count > 0
            ? options.Services
            : configuration.Names.Configured().Select(service => service.Authority);
        await Task.WhenAll(services.ToArray().Select(service => LookAsync(service, findings, cancellationToken))).ConfigureAwait(false);
        foreach (ControlPlaneStreams streams in controlPlanes.Streams)
        {
            Look(streams, findings);
        }

        LookAtCredential(findings);
        return findings.ToResult(context.Registration.FailureStatus);
    }

    // Asked for as a call would: the service is watched from here on, and is given the time that a call would give it.
    private async Task LookAsync(string name, HealthFindings findings, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"http://{name}", UriKind.Absolute, out Uri? uri) || runtime.Find(uri, MeshScope.Client) is not { } service)
        {
            findings.Fail(name, "no_name", $"{name} is no name of a service");
            return;
        }

        ServiceSnapshot snapshot = await service.FirstAnswerAsync(cancellationToken).ConfigureAwait(false);
        string word = snapshot.Set.Status switch
        {
            EndpointSetStatus.Known => snapshot.Endpoints.Length == 0 ? "no_endpoints" : "known",
            EndpointSetStatus.NotFound => "not_found",
            EndpointSetStatus.Refused => "refused",
            _ => "unknown",
        };
        if (snapshot.Set.Status is EndpointSetStatus.Known)
        {
            findings.Note(name, word);
        }
        else
        {
            findings.Fail(name, word, $"{name}: {snapshot.Set.Problem ?? "discovery has not answered yet"}");
        }
    }

    private static void Look(ControlPlaneStreams streams, HealthFindings findings)
    {
        string name = $"control plane {streams.Address}";
        if (!streams.IsLost)
        {
            findings.Note(name, streams.State);
        }
        else if (streams.WasHeard)
        {
            findings.Degrade(name, streams.State, $"{name} is out of reach, and the last state stands: {streams.Problem}");
        }
        else
        {
            findings.Fail(name, streams.State, $"{name} was never heard: {streams.Problem}");
        }
    }

    private void LookAtCredential(HealthFindings findings)
    {
        if (!credentials.IsEnabled)
        {
            return;
        }

        CredentialState state = credentials.Current;
        if (state.IsReady)
        {
            findings.Note("credential", $"valid until {state.Credential!.NotAfter:u}");
        }
        else
        {
            findings.Fail("credential", "missing", $"There is no valid certificate: {state.Problem}");
        }
    }
}

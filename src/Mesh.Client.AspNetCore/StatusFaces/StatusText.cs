using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>The status as text for a terminal: aligned, without colours, about 120 columns wide.</summary>
internal static class StatusText
{
    private const int MaxFailures = 10;
    private const int MaxSettings = 100;

    public static string Overview(MeshStatus status)
    {
        var text = new StringBuilder();
        Head(text, status);
        Title(text, "SERVICES");
        ServiceText.Table(text, status.Services);
        if (status.ServicesOmitted > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"and {status.ServicesOmitted} more, each at services/NAME\n");
        }

        text.Append(status.Services.Count == 0 ? "none yet\n" : null);
        ServiceText.Problems(text, status.Services);
        Title(text, "ROUTES");
        ServiceText.Routes(text, status.Services);
        Identity(text, status);
        ControlPlanes(text, status);
        Inbound(text, status.Inbound);
        if (status.Served is { } served)
        {
            Title(text, "CLIENTS");
            ServedText.Clients(text, served, status.At);
            Title(text, "SERVED");
            ServedText.Services(text, served, status.At);
            Title(text, "SERVED ENDPOINTS");
            ServedText.Endpoints(text, served);
            if (served.Authority is { } authority)
            {
                Title(text, "AUTHORITY");
                AuthorityText.Authority(text, authority, served.Certificates, status.At);
            }

            if (served.Injector is { } injector)
            {
                Title(text, "INJECTOR");
                AuthorityText.Injector(text, injector);
            }
        }

        Failures(text, status);
        Configuration(text, status.Configuration);
        return text.ToString();
    }

    public static string Service(MeshStatus status, int offset)
    {
        var text = new StringBuilder();
        Head(text, status);
        ServiceStatus service = status.Services[0];
        Title(text, "SERVICE");
        ServiceText.Table(text, status.Services);
        ServiceText.Problems(text, status.Services);
        ServiceText.Detail(text, service);
        Title(text, "ENDPOINTS");
        EndpointText.Write(text, service, offset);
        Title(text, "ROUTES");
        ServiceText.Routes(text, status.Services);
        Failures(text, status);
        return text.ToString();
    }

    private static void Head(StringBuilder text, MeshStatus status)
    {
        ProcessStatus process = status.Process;
        text.Append(CultureInfo.InvariantCulture, $"{process.Application} on {process.Machine}, Mesh.Client {process.Library}, ");
        text.Append(CultureInfo.InvariantCulture, $"{TextWords.Time(status.At)}, up {TextWords.Duration(status.At - process.StartedAt)}\n");
    }

    private static void Title(StringBuilder text, string title) => text.Append('\n').Append(title).Append('\n');

    private static void Identity(StringBuilder text, MeshStatus status)
    {
        IdentityStatus identity = status.Identity;
        Title(text, "IDENTITY");
        var table = new TextTable("NAME", "SOURCE", "MODE", "VALID UNTIL", ">LEFT");
        table.Add(
            TextWords.Cut(identity.Name, 64),
            identity.Source,
            identity.Mode,
            identity.ValidUntil is { } until ? TextWords.Time(until) : TextWords.None,
            identity.ValidUntil is { } end ? TextWords.Duration(end - status.At) : TextWords.None);
        table.WriteTo(text);
        Note(text, identity.Problem);
        var anchors = new TextTable("ANCHOR", "FINGERPRINT", "VALID UNTIL");
        foreach (AnchorStatus anchor in identity.Anchors)
        {
            anchors.Add(TextWords.Cut(anchor.Subject, 64), anchor.Fingerprint, TextWords.Time(anchor.ValidUntil));
        }

        anchors.WriteTo(text);
    }

    private static void ControlPlanes(StringBuilder text, MeshStatus status)
    {
        if (status.ControlPlanes.Count == 0)
        {
            return;
        }

        Title(text, "CONTROL PLANES");
        var table = new TextTable("ADDRESS", "STATE", "STREAMS");
        foreach (ControlPlaneStatus plane in status.ControlPlanes)
        {
            string streams = string.Join(", ", plane.Streams.Select(stream => $"{stream.Count} {stream.Kind} {stream.State}"));
            table.Add(TextWords.Cut(plane.Address, 56), plane.State, streams.Length == 0 ? TextWords.None : streams);
        }

        table.WriteTo(text);
        foreach (ControlPlaneStatus plane in status.ControlPlanes)
        {
            Note(text, plane.Problem);
        }
    }

    private static void Inbound(StringBuilder text, InboundStatus? inbound)
    {
        if (inbound is null)
        {
            return;
        }

        Title(text, "INBOUND");
        text.Append(CultureInfo.InvariantCulture, $"requests under way {inbound.Requests}");
        text.Append(inbound.Service is { } service ? $", service {service}, registration {inbound.Registration ?? "none"}" : "");
        text.Append(inbound.Replicas is { } replicas
            ? string.Create(CultureInfo.InvariantCulture, $" with {inbound.RegisteredReplicas} of {replicas} replicas\n")
            : "\n");
        var table = new TextTable("PEER", ">ALLOWED", ">REFUSED", "LAST SEEN");
        foreach (PeerStatus peer in inbound.Peers)
        {
            Add(TextWords.Cut(peer.Identity ?? "(no identity)", 72), peer);
        }

        if (inbound.OtherPeers is { } others)
        {
            Add("(all others)", others);
        }

        table.WriteTo(text);

        void Add(string name, PeerStatus peer) =>
            table.Add(name, TextWords.Number(peer.Allowed), TextWords.Number(peer.Refused), TextWords.Time(peer.LastSeen));
    }

    private static void Failures(StringBuilder text, MeshStatus status)
    {
        Title(text, "RECENT FAILURES");
        text.Append(status.Failures.Count == 0 ? "none\n" : null);
        foreach (FailedCallStatus failure in status.Failures.Take(MaxFailures))
        {
            string ago = TextWords.Duration(status.At - failure.At);
            text.Append(CultureInfo.InvariantCulture, $"{ago} ago: {failure.Method} {TextWords.Cut(failure.Path, 60)} ");
            text.Append(CultureInfo.InvariantCulture, $"of {failure.Service}: {failure.Ending} after {failure.DurationMilliseconds} ms\n");
            foreach (FailedAttemptStatus attempt in failure.Attempts)
            {
                string said = attempt.Error ?? (attempt.Status is { } code ? $"{attempt.Outcome} {code}" : attempt.Outcome);
                text.Append(CultureInfo.InvariantCulture, $"  {attempt.Endpoint}, {attempt.Reason}: ");
                text.Append(CultureInfo.InvariantCulture, $"{TextWords.Cut(said, 80)} after {attempt.DurationMilliseconds} ms\n");
            }
        }
    }

    private static void Configuration(StringBuilder text, ConfigurationStatus configuration)
    {
        Title(text, "CONFIGURATION");
        var table = new TextTable("SETTING", "VALUE", "SOURCE");
        foreach (SettingStatus setting in configuration.Settings.Take(MaxSettings))
        {
            table.Add(TextWords.Cut(setting.Path, 64), TextWords.Cut(setting.Value, 32), TextWords.Cut(setting.Source, 24));
        }

        table.WriteTo(text);
        int more = Math.Max(0, configuration.Settings.Count - MaxSettings) + configuration.SettingsOmitted;
        text.Append(more > 0 ? string.Create(CultureInfo.InvariantCulture, $"and {more} more\n") : null);
        text.Append(CultureInfo.InvariantCulture, $"refused reloads: {configuration.RefusedReloads}\n");
        Note(text, configuration.Problem);
    }

    private static void Note(StringBuilder text, string? problem)
    {
        if (problem is not null)
        {
            text.Append("! ").Append(problem.ReplaceLineEndings("\n! ")).Append('\n');
        }
    }
}

using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What the control plane has taken on, and whether it takes on more.</summary>
internal sealed class ControlPlaneLoad
{
    private static readonly AskedFor[] Kinds = Enum.GetValues<AskedFor>();

    private readonly MeshControlPlaneLimitOptions _limits;
    private readonly OpeningWindow _openings;
    private readonly GateMetrics _metrics;
    private readonly GateLog _log;
    private readonly ClientShares _shares;
    private readonly int[] _counts = new int[Kinds.Length];
    private long _refused;
    private int _streams;

    public ControlPlaneLoad(IOptions<MeshControlPlaneLimitOptions> limits, TimeProvider time, GateMetrics metrics, GateLog log)
    {
        (_limits, _metrics, _log) = (limits.Value, metrics, log);
        _shares = new ClientShares(_limits);
        _openings = new OpeningWindow(_limits.Openings, time);
        metrics.Add(() => Kinds.Where(kind => kind is not AskedFor.Certificate).Select(kind =>
            new Measurement<int>(Count(kind), new KeyValuePair<string, object?>("mesh.stream.kind", GateMetrics.NameOf(kind)))));
    }

    /// <summary>Requests that were refused since the start.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public int Count(AskedFor what) => Volatile.Read(ref _counts[(int)what]);

    /// <summary>Clients that have something open.</summary>
    public int Clients => _shares.Count;

    /// <param name="client">Whose it is.</param>
    /// <param name="what">It wants.</param>
    /// <param name="status">Why it may not.</param>
    /// <returns>Null where it is too much.</returns>
    public GatePass? TryEnter(string client, AskedFor what, out Status status)
    {
        long part = 0;
        status = default;
        if (!TryTake(what))
        {
            status = Full(what);
        }
        else if (!_shares.TryTake(client, what))
        {
            Leave(what);
            status = Full(client, what);
        }
        else if (what is not AskedFor.Certificate && !_openings.TryEnter(out part))
        {
            Ended(client, what);
            _metrics.Refused(what, "openings");
            status = new Status(StatusCode.Unavailable, $"{_limits.Openings} streams are being opened, and no more at once: ask again");
        }
        else
        {
            return new GatePass(this, client, what, part);
        }

        Interlocked.Increment(ref _refused);
        _log.Refused(status.Detail);
        return null;
    }

    public void Opened(long part) => _openings.Exit(part);

    public void Ended(string client, AskedFor what)
    {
        _shares.Return(client, what);
        Leave(what);
    }

    private static bool IsWatch(AskedFor what) => what is AskedFor.Endpoints or AskedFor.Policy or AskedFor.Profile;

    private void Leave(AskedFor what)
    {
        Interlocked.Decrement(ref _counts[(int)what]);
        if (IsWatch(what))
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    private bool TryTake(AskedFor what)
    {
        ref int counted = ref IsWatch(what) ? ref _streams : ref _counts[(int)what];
        int limit = what switch
        {
            AskedFor.Registration => _limits.Registrations,
            AskedFor.Certificate => _limits.Certificates,
            _ => _limits.Streams,
        };
        if (Interlocked.Increment(ref counted) > limit)
        {
            Interlocked.Decrement(ref counted);
            return false;
        }

        if (IsWatch(what))
        {
            Interlocked.Increment(ref _counts[(int)what]);
        }

        return true;
    }

    private Status Full(AskedFor what)
    {
        (string limit, string words) = what switch
        {
            AskedFor.Registration => ("registrations", $"{_limits.Registrations} registrations are held"),
            AskedFor.Certificate => ("certificates", $"{_limits.Certificates} certificates are being made"),
            _ => ("streams", $"{_limits.Streams} streams are open"),
        };
        _metrics.Refused(what, limit);

        // The one is over in a moment, the others when somebody leaves.
        return what is AskedFor.Certificate
            ? new Status(StatusCode.Unavailable, $"{words}, and no more at once: ask again")
            : new Status(StatusCode.ResourceExhausted, $"{words}, and that is the limit of this control plane");
    }

    private Status Full(string client, AskedFor what)
    {
        (string limit, string setting, string words) = what switch
        {
            AskedFor.Certificate => (
                "certificates_per_client",
                nameof(MeshControlPlaneLimitOptions.CertificatesPerClient),
                $"asks for {_limits.CertificatesPerClient} certificates at once"),
            AskedFor.Registration => (
                "streams_per_client",
                nameof(MeshControlPlaneLimitOptions.StreamsPerClient),
                $"holds {_limits.StreamsPerClient} registrations"),
            _ => (
                "streams_per_client",
                nameof(MeshControlPlaneLimitOptions.StreamsPerClient),
                $"has {_limits.StreamsPerClient} streams open"),
        };
        _metrics.Refused(what, limit);
        return new Status(
            what is AskedFor.Certificate ? StatusCode.Unavailable : StatusCode.ResourceExhausted,
            $"{client} {words}, and {_limits.SectionPath}:{setting} of the control plane allows no more");
    }
}

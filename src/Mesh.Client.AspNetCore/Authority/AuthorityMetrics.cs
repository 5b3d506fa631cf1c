using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>What the authority counts, on the meter <c>Mesh.Client.AspNetCore</c>, which belongs to its factory.</summary>
internal sealed class AuthorityMetrics
{
    public const string MeterName = MeshMetrics.ServerMeterName;

    private readonly Meter _meter;
    private readonly Counter<long> _certificates;
    private readonly Counter<long> _issuers;

    public AuthorityMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _certificates = _meter.CreateCounter<long>(
            "mesh.authority.certificates", "{certificate}", "Certificates that were asked for, by outcome.");
        _issuers = _meter.CreateCounter<long>(
            "mesh.authority.issuers", "{issuer}", "Issuers that came from elsewhere than a directory, by outcome.");
    }

    public void Issued() => Add(_certificates, "issued");

    /// <summary>The request or its token was not good enough.</summary>
    public void Refused() => Add(_certificates, "refused");

    /// <summary>The authority or the judge of tokens could not work.</summary>
    public void Failed() => Add(_certificates, "failed");

    public void TookIssuer() => Add(_issuers, "taken");

    /// <summary>It was of no use.</summary>
    public void RefusedIssuer() => Add(_issuers, "refused");

    /// <param name="left">Null: there is none yet.</param>
    public void ObserveIssuer(Func<TimeSpan?> left) => _meter.CreateObservableGauge(
        "mesh.authority.issuer.time_left",
        () => left() is { } time ? [new Measurement<double>(time.TotalSeconds)] : Array.Empty<Measurement<double>>(),
        "s",
        "How long the authority's issuer, with the chain above it, is valid still.");

    private static void Add(Counter<long> counter, string outcome) =>
        counter.Add(1, new KeyValuePair<string, object?>("mesh.outcome", outcome));
}

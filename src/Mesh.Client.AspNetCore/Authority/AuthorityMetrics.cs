using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>What the authority counts, on the meter <c>Mesh.Client.AspNetCore</c>, which belongs to its factory.</summary>
internal sealed class AuthorityMetrics
{
    public const string MeterName = MeshMetrics.ServerMeterName;

    private readonly Counter<long> _certificates;

    public AuthorityMetrics(IMeterFactory factory) => _certificates = factory.Create(MeterName).CreateCounter<long>(
        "mesh.authority.certificates", "{certificate}", "Certificates that were asked for, by outcome.");

    public void Issued() => Add("issued");

    /// <summary>The request or its token was not good enough.</summary>
    public void Refused() => Add("refused");

    /// <summary>The authority or the judge of tokens could not work.</summary>
    public void Failed() => Add("failed");

    private void Add(string outcome) => _certificates.Add(1, new KeyValuePair<string, object?>("mesh.outcome", outcome));
}

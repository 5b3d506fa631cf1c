namespace Mesh.Client.Telemetry.Status;

/// <summary>What this process serves as a control plane. Of its replicas each has its own clients, and tells of those alone.</summary>
/// <param name="Clients">Who has streams open, most streams first.</param>
/// <param name="ClientsOmitted">How many clients <paramref name="Clients"/> leaves out.</param>
/// <param name="Services">That are known or asked for, most clients first.</param>
/// <param name="ServicesOmitted">How many services <paramref name="Services"/> leaves out.</param>
/// <param name="Refused">Requests that limits refused since the start.</param>
/// <param name="Certificates">Null where none are given out.</param>
/// <param name="Authority">Null where there is none.</param>
/// <param name="Injector">Null where none is mapped.</param>
internal sealed record ServedStatus(
    IReadOnlyList<ClientStatus> Clients,
    int ClientsOmitted,
    IReadOnlyList<ServedServiceStatus> Services,
    int ServicesOmitted,
    long Refused,
    CertificatesStatus? Certificates,
    AuthorityStatus? Authority = null,
    InjectorStatus? Injector = null);

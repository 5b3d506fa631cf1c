using Mesh.Client.Model;
using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Telemetry.Calls;

/// <summary>
/// A call as those see it who watch calls. Valid while they are told of it, and not after. Nothing is computed that is not asked for.
/// </summary>
internal interface IObservedCall
{
    /// <summary>The backend of a call that picked no endpoint.</summary>
    const string NoBackend = "none";

    /// <summary>The canonical name and port of the service that was called; always the same object for one service.</summary>
    string Service { get; }

    /// <summary>The name of its route.</summary>
    string Route { get; }

    /// <summary>
    /// The service whose endpoint the latest attempt picked, the same object for one service; <see cref="NoBackend"/> where none was.
    /// </summary>
    string Backend { get; }

    HttpMethod Method { get; }

    bool IsGrpc { get; }

    /// <summary>The endpoint of the latest attempt; null where none was picked.</summary>
    IObservedEndpoint? Endpoint { get; }

    /// <summary>Why it was picked.</summary>
    PickReason Reason { get; }

    /// <summary>How the latest attempt ended; <see cref="AttemptResult.Cancelled"/> where there was none, and the caller gave up.</summary>
    AttemptResult Outcome { get; }

    /// <summary>The HTTP status, or the gRPC status of a gRPC call; null where nothing was answered.</summary>
    int? Status { get; }

    /// <summary>The HTTP status of the latest response's head, whatever became of its body; null where none came.</summary>
    int? HeadStatus { get; }

    /// <summary>What ran out, where time did.</summary>
    TimeoutKind Late { get; }

    /// <summary>What was thrown for the latest attempt; null: nothing.</summary>
    Exception? Error { get; }

    /// <summary>Why the mesh itself ended the call; null where it was answered, or its caller gave up.</summary>
    MeshFailure? Failure { get; }

    /// <summary>The limit that refused it; null where none did.</summary>
    LimitKind? Limit { get; }

    /// <summary>
    /// Whether it went well, by Linkerd's classes: answered, and neither with 5xx nor with a gRPC status that is a failure. Null where the
    /// caller gave up. Of an attempt while an attempt's end is told, of the call while the call's is.
    /// </summary>
    bool? Succeeded { get; }

    /// <summary>From the call's start, its waits included, to its end: of the body, where that was read.</summary>
    TimeSpan Duration { get; }

    /// <summary>From the latest pick to the head of its response, or to its failure.</summary>
    TimeSpan AttemptDuration { get; }

    /// <summary>From the latest pick until now: while its end is told, to the last byte of its response.</summary>
    TimeSpan AttemptElapsed { get; }

    /// <summary>
    /// From the last byte of the latest attempt's request until now: while its end is told, to the last byte of its response. Null where no
    /// head came, or the request is not out yet.
    /// </summary>
    TimeSpan? ResponseElapsed { get; }

    /// <summary>How long it has waited for an endpoint, all its waits together.</summary>
    TimeSpan Waited { get; }

    /// <summary>Whether its route is one of a service profile of Linkerd's.</summary>
    bool IsOfProfile { get; }

    /// <summary>Attempts that were made, those that made no connection left out.</summary>
    int Attempts { get; }

    /// <summary>What was called, as its caller wrote it. A query may hold secrets: it is told to nobody.</summary>
    Uri Target { get; }

    /// <summary>Everything, for who keeps it: allocates.</summary>
    MeshCallInfo ToInfo();
}

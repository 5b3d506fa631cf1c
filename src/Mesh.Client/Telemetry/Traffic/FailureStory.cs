using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Telemetry.Traffic;

/// <summary>
/// Tells of a failed call: what it wanted, where it was tried and why there, what each said, how it ended. No query, no header, no hash
/// key, and nothing that a peer or the application wrote.
/// </summary>
internal static class FailureStory
{
    private const string HiddenPath = "(path not shown)";
    private const int MaxPath = 200;
    private const int MaxAttempts = 20;

    public static FailedCallStatus Of(IObservedCall call, TimeSpan duration, DateTimeOffset now, bool hidesPath)
    {
        MeshCallInfo info = call.ToInfo();
        FailedAttemptStatus[] attempts = [.. info.Attempts.Take(MaxAttempts).Select(Told)];
        string path = hidesPath ? HiddenPath : PathOf(call.Target);
        string ending = Ending(call);
        string story = Tell(call, info, attempts, path, ending, duration);
        return new FailedCallStatus(
            now, info.Service, info.Route, call.Method.Method, path, ending, story, Math.Round(duration.TotalMilliseconds, 1), attempts);
    }

    private static string Tell(
        IObservedCall call, MeshCallInfo info, FailedAttemptStatus[] attempts, string path, string ending, TimeSpan duration)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{call.Method.Method} {path} of {info.Service}");
        text.Append(info.Route == "default" ? null : $", route {info.Route}");
        text.Append(info.Backend == info.Service ? "" : $", backend {info.Backend}").Append(". ");
        for (int i = 0; i < attempts.Length; i++)
        {
            FailedAttemptStatus attempt = attempts[i];
            text.Append(i == 0 ? "It was tried at " : "Then at ").Append(attempt.Endpoint).Append(", ").Append(attempt.Reason).Append(": ");
            text.Append(attempt.Error ?? Words(attempt, call.IsGrpc));
            text.Append(CultureInfo.InvariantCulture, $" after {attempt.DurationMilliseconds:0.#} ms. ");
        }

        if (info.Attempts.Count > attempts.Length)
        {
            text.Append(CultureInfo.InvariantCulture, $"And {info.Attempts.Count - attempts.Length} more. ");
        }

        if (attempts.Length == 0)
        {
            text.Append(info.AnsweredBy is { } answerer ? $"It was answered by a {answerer} of its route. " : "No endpoint was tried. ");
        }

        return text
            .Append(CultureInfo.InvariantCulture, $"It ended after {duration.TotalMilliseconds:0.#} ms with {EndingWords(call, ending)}.")
            .ToString();
    }

    private static FailedAttemptStatus Told(MeshAttempt attempt) => new(
        attempt.Endpoint,
        Why(attempt.Reason),
        MetricNames.Of(attempt.Outcome),
        attempt.Status,
        Error(attempt),
        Math.Round(attempt.Duration.TotalMilliseconds, 1));

    // What a connection says is the system's or our own. What comes later may be the application's words, or the peer's: of that the outcome
    // says enough.
    private static string? Error(MeshAttempt attempt) => attempt switch
    {
        { Error: null } or { Outcome: AttemptResult.Cancelled } => null,
        { Outcome: AttemptResult.ConnectFailure or AttemptResult.Timeout or AttemptResult.Refused } => Cut(attempt.Error),
        _ => null,
    };

    private static string Cut(string text)
    {
        string shown = Redacted.Text(text)!;
        return shown.Length <= MaxPath ? shown : $"{shown.AsSpan(0, MaxPath)}…";
    }

    private static string Words(FailedAttemptStatus attempt, bool isGrpc) => attempt.Outcome switch
    {
        "success" => $"{Status(attempt.Status, isGrpc)}, whose body broke off",
        "http_status" or "grpc_status" => Status(attempt.Status, isGrpc),
        "connect_failure" => "no connection",
        "refused_stream" => "it was refused unprocessed",
        "reset" => "the connection broke",
        "timeout" => "its time ran out",
        _ => "it was given up",
    };

    private static string Status(int? status, bool isGrpc) => string.Create(
        CultureInfo.InvariantCulture, $"{(isGrpc ? "gRPC status" : "status")} {status}");

    /// <summary>The reason as a clause.</summary>
    internal static string Why(PickReason reason) => reason switch
    {
        PickReason.Hash => "where its hash key belongs",
        PickReason.HashFailover => "the next for its hash key, as those before it were unavailable or tried",
        PickReason.RoundRobin => "next in turn",
        PickReason.LeastLoad => "the least loaded of two",
        PickReason.Panic => "shut, but too few others were left",
        PickReason.BoundedLoad => "since its own endpoint had more than its share",
        PickReason.Random => "drawn at random",
        _ => "by the application's own balancer",
    };

    private static string Ending(IObservedCall call) =>
        call.Limit is { } limit ? $"limit_{MetricNames.Of(limit)}"
        : call.Failure is { } failure ? MetricNames.Of(failure)
        : call.Status?.ToString(CultureInfo.InvariantCulture) ?? MetricNames.Of(call.Outcome);

    private static string EndingWords(IObservedCall call, string ending) =>
        call.Failure is null && call.Status is { } status ? Status(status, call.IsGrpc) : ending.Replace('_', ' ');

    private static string PathOf(Uri target) => target.IsAbsoluteUri ? Cut(target.AbsolutePath) : "";
}

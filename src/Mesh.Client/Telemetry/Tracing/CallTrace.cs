using System.Diagnostics;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>What a call knows of its spans. Made only when somebody listens.</summary>
internal sealed class CallTrace(CallSpan span)
{
    public CallSpan Span => span;

    /// <summary>The span of the attempt under way; null: none, or none that anybody wants.</summary>
    public Activity? Attempt { get; set; }

    /// <summary>Whether the call's end is its span's. Not of what a hedged call has under way.</summary>
    public bool Owns { get; set; } = true;

    /// <summary>Whether it was started beside a slower one.</summary>
    public bool IsHedge { get; init; }

    /// <summary>What became of it beside others; null while that is open, and where there are none.</summary>
    public HedgeResult? Hedged { get; set; }

    /// <summary>Why what failed was not tried again; null: nothing stood against it.</summary>
    public RetryResult? Denied { get; set; }

    /// <summary>What is sent belongs to this one.</summary>
    public Activity Current => Attempt ?? span.Activity;

    /// <summary>For one of several that a hedged call has under way.</summary>
    public CallTrace Beside(bool isHedge) => new(span) { Owns = false, IsHedge = isHedge };
}

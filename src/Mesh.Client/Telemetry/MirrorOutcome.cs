namespace Mesh.Client.Telemetry;

/// <summary>What became of a mirrored request.</summary>
internal enum MirrorOutcome
{
    /// <summary>It was answered, and well.</summary>
    Success,

    /// <summary>It was not.</summary>
    Failed,

    /// <summary>Not sent: its body is longer than may be copied.</summary>
    TooLong,

    /// <summary>Not sent: the call itself did not send its body whole.</summary>
    NoBody,

    /// <summary>Not sent: as many are under way as may be.</summary>
    TooMany,
}

namespace Mesh.Client.Telemetry;

/// <summary>Where a stream from a control plane stands.</summary>
internal enum StreamState : byte
{
    /// <summary>There is none: not yet, or no more.</summary>
    None,

    /// <summary>It is opened, and nothing has come yet.</summary>
    Connecting,

    /// <summary>It has said something, or was silent for so long that this says something.</summary>
    Open,

    /// <summary>It was lost, or has ended: another is opened after a while.</summary>
    Waiting,
}

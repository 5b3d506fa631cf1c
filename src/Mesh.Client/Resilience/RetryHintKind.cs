namespace Mesh.Client.Resilience;

/// <summary>Which of the three things a server can say about being asked again.</summary>
internal enum RetryHintKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Not before a time.</summary>
    Wait,

    /// <summary>Not again for this call.</summary>
    Never,
}

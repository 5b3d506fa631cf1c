namespace Mesh.Client.Runtime;

/// <summary>Whether the backend of a call's next attempt is chosen already.</summary>
internal enum ChosenBackend : byte
{
    /// <summary>It is still to be.</summary>
    No,

    /// <summary>It is, and its filters have had their say.</summary>
    Held,

    /// <summary>It is, unless it turns out that it has no endpoint for the call: nothing was heard of it yet.</summary>
    Awaited,
}

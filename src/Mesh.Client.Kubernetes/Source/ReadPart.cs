namespace Mesh.Client.Kubernetes.Source;

/// <summary>A part of a service's state.</summary>
/// <param name="Value">Null: it is not known.</param>
/// <param name="Problem">Why it is not known, or not newer; null: it is in touch, or has not been answered yet.</param>
internal readonly record struct ReadPart<T>(T? Value, string? Problem)
    where T : class;

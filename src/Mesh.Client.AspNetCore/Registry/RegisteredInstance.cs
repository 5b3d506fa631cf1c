using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>One registration that holds: one stream's.</summary>
/// <param name="service">The canonical host of its service.</param>
/// <param name="name">The instance's name.</param>
/// <param name="endpoint">What clients are told of it.</param>
/// <param name="owner">Who registered it, as the verified certificate says; null where there was none.</param>
internal sealed class RegisteredInstance(string service, string name, Endpoint endpoint, string? owner)
{
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Service { get; } = service;

    public string Name { get; } = name;

    public Endpoint Endpoint { get; } = endpoint;

    public string? Owner { get; } = owner;

    /// <summary>Completes when another registration has taken its place.</summary>
    public Task Replaced => _replaced.Task;

    public void Replace() => _replaced.TrySetResult();
}

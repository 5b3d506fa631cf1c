namespace Mesh.Client.AspNetCore.Injector;

/// <summary>One of <see cref="InjectedDefaults"/>.</summary>
/// <param name="Path">Of the setting that says it.</param>
internal sealed record InjectedDefault(string Path, string Value);

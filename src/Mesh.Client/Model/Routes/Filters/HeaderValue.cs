namespace Mesh.Client.Model.Routes.Filters;

/// <summary>A header with a value.</summary>
internal readonly record struct HeaderValue(string Name, string Value);

using Mesh.Client.Discovery.Configuration.Writing;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>A setting of a service that its source gives.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Source">Who says it, in words.</param>
internal sealed record SaidSetting(Setting Setting, string Source);

using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>What let a call in.</summary>
/// <param name="Limits">What it leaves at its end.</param>
/// <param name="InLine">How long it waited for its turn.</param>
internal readonly record struct Admitted(ServiceLimits Limits, TimeSpan InLine);

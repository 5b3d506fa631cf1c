using Mesh.Client.Model;

namespace Mesh.Client.Resilience.Limits;

/// <summary>Why a call was not let in.</summary>
/// <param name="Limit">Which limit is reached.</param>
/// <param name="InFlight">Calls under way at that moment.</param>
/// <param name="Waiting">Calls waiting at that moment.</param>
/// <param name="RetryAfter">When the next call may be made, for <see cref="LimitKind.Rate"/>.</param>
internal readonly record struct LimitRefusal(LimitKind Limit, int InFlight, int Waiting, TimeSpan RetryAfter = default);

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>A feature of a request that was refused, or would have been.</summary>
/// <param name="Policy">What refused it, in one word.</param>
/// <param name="Audited">It passed all the same.</param>
internal sealed record InboundVerdict(string Policy, bool Audited);

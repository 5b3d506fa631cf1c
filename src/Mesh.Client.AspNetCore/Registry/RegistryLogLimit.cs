using Mesh.Client.AspNetCore.Server;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Keeps callers that are refused again and again from filling the log.</summary>
internal sealed class RegistryLogLimit(TimeProvider time)
{
    private readonly LogLimit _limit = new(time);

    public bool Allows(string text) => _limit.Allows(text);
}

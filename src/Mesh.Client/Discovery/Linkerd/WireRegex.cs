using Mesh.Client.Routing;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Regular expressions of a foreign engine: whether ours, which takes linear time, can do them.</summary>
internal static class WireRegex
{
    /// <exception cref="UnreadablePartException">It is none, or none of this engine.</exception>
    public static string Read(string expression, string place)
    {
        try
        {
            _ = new RoutePattern(expression);
            return expression;
        }
        catch (FormatException e)
        {
            throw new UnreadablePartException(place, e.Message);
        }
    }
}

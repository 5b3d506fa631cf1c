using Mesh.Client.Discovery.Configuration;
using WireMethod = Mesh.Client.Discovery.Linkerd.Protocol.HttpTypes.HttpMethod;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>HTTP methods between the model and the wire, which has numbers for those that it knows.</summary>
internal static class WireMethods
{
    private static readonly string[] Registered = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "HEAD", "TRACE"];

    /// <exception cref="UnreadablePartException">It is none.</exception>
    public static string Read(WireMethod wire, string place)
    {
        switch (wire.TypeCase)
        {
            case WireMethod.TypeOneofCase.Registered when (int)wire.Registered >= 0 && (int)wire.Registered < Registered.Length:
                return Registered[(int)wire.Registered];
            case WireMethod.TypeOneofCase.Unregistered when HttpTokens.IsToken(wire.Unregistered):
                return RetryPolicies.ToMethod(wire.Unregistered);
            default:
                throw new UnreadablePartException(place, "it is no HTTP method that is known");
        }
    }

    public static WireMethod Write(string method)
    {
        int known = Array.IndexOf(Registered, method);
        return known < 0 ? new WireMethod { Unregistered = method } : new WireMethod { Registered = (WireMethod.Types.Registered)known };
    }
}

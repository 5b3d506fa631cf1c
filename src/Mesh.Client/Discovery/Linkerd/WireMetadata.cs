using System.Globalization;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a part of a policy was made of.</summary>
internal static class WireMetadata
{
    /// <summary>A service as a resource, where its name tells a namespace.</summary>
    public static Metadata Of(ServiceName service) => service.Host.Split('.') is [{ } name, { } space, "svc", ..]
        ? new Metadata { Resource = new() { Group = "core", Kind = "Service", Name = name, Namespace = space, Port = (uint)service.Port } }
        : new Metadata { Default = service.Authority };

    /// <summary><c>HTTPRoute/shop/catalog</c>, and its section; a default by its own name. Null: it says nothing.</summary>
    /// <exception cref="UnreadablePartException">A resource without one of its names.</exception>
    public static string? Name(Metadata? wire, string place)
    {
        switch (wire?.KindCase)
        {
            case Metadata.KindOneofCase.Default when wire.Default.Length > 0:
                return RpcReason.Clean(wire.Default);
            case Metadata.KindOneofCase.Resource:
                Check(wire.Resource, $"{place}.resource");
                Resource resource = wire.Resource;
                string section = resource.Section.Length > 0 ? "/" + resource.Section : "";
                return RpcReason.Clean($"{resource.Kind}/{resource.Namespace}/{resource.Name}{section}");
            default:
                return null;
        }
    }

    /// <summary>The name of the rule: the first has its route's.</summary>
    public static string RuleName(string route, int rule) =>
        rule == 0 ? route : string.Create(CultureInfo.InvariantCulture, $"{route}#{rule + 1}");

    /// <summary>How a policy's parent is called in words for a caller.</summary>
    public static string Described(Metadata? parent)
    {
        try
        {
            return Name(parent, "metadata") ?? "its policy";
        }
        catch (UnreadablePartException)
        {
            return "its policy";
        }
    }

    private static void Check(Resource wire, string place)
    {
        ReadOnlySpan<(string Name, string Value)> parts =
            [("group", wire.Group), ("kind", wire.Kind), ("name", wire.Name), ("namespace", wire.Namespace)];
        foreach ((string name, string value) in parts)
        {
            if (value.Length == 0)
            {
                throw new UnreadablePartException($"{place}.{name}", "it is empty");
            }
        }
    }
}

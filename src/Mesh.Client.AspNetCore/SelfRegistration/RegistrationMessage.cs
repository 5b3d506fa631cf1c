using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>What this server says of itself.</summary>
internal static class RegistrationMessage
{
    /// <param name="options">They name a service.</param>
    /// <param name="shown">What this server shows its callers; null in a mesh without TLS.</param>
    public static Wire.Registration Write(MeshServerOptions options, MeshClientOptions mesh, OwnAddress address, Credential? shown)
    {
        var wire = new Wire.Registration
        {
            Service = ServiceNames.Canonical(options.Service!, mesh) ?? options.Service!,
            Host = address.Host,
            Port = (uint)address.Port,
            Instance = options.Instance ?? $"{Environment.MachineName}:{address.Port}",
            Weight = (uint)options.Weight,
            Zone = options.Zone ?? "",
            Identity = shown?.Identities[0].Name ?? "",
            Framing = shown is null ? Wire.Framing.Plaintext : address.IsHttps ? Wire.Framing.Https : Wire.Framing.MeshTls,
        };
        foreach ((string name, string value) in options.Labels)
        {
            wire.Labels[name] = value;
        }

        return wire;
    }
}

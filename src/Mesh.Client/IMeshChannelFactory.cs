using Grpc.Net.Client;

namespace Mesh.Client;

/// <summary>Makes gRPC channels to services of the mesh.</summary>
public interface IMeshChannelFactory
{
    /// <summary>
    /// A new channel to a service. The caller disposes it; connections belong to the mesh and are shared by all channels.
    /// </summary>
    /// <param name="service">
    /// A name as in a URI's authority: <c>greeter</c>, <c>greeter.shop</c>, <c>greeter:5000</c>; or a whole address,
    /// <c>https://greeter</c>, which lets gRPC send call credentials. In Mode Strict they are sent under every form of the name.
    /// </param>
    /// <param name="configure">Changes the channel's options; the handler is the mesh's.</param>
    /// <exception cref="ArgumentException">
    /// The name is not a host name, a host and port, or an http(s) address; or <paramref name="configure"/> replaced the handler.
    /// </exception>
    GrpcChannel CreateChannel(string service, Action<GrpcChannelOptions>? configure = null);
}

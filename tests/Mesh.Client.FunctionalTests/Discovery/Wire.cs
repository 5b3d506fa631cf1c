using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using IPAddress = System.Net.IPAddress;

namespace Mesh.Client.FunctionalTests.Discovery;

/// <summary>Messages by hand; an endpoint is 10.x.x.x:8080 for a number.</summary>
internal static class Wire
{
    public static Update Add(params int[] numbers) => new() { Add = new() { Addrs = { numbers.Select(Addr) } } };

    public static Update Remove(params int[] numbers) => new() { Remove = new() { Addrs = { numbers.Select(Tcp) } } };

    public static Update NoEndpoints(bool exists) => new() { NoEndpoints = new() { Exists = exists } };

    public static WeightedAddr Addr(int number) => new() { Addr = Tcp(number), Weight = 1 };

    public static EndpointAddress Address(int number) =>
        EndpointAddress.Create(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 8080);

    public static IEnumerable<string> Texts(this EndpointSet state) => state.Endpoints.Select(endpoint => endpoint.Address.Text).Order();

    public static bool Is(this EndpointSet state, params int[] numbers) =>
        state.Status is EndpointSetStatus.Known && state.Texts().SequenceEqual(numbers.Select(number => Address(number).Text).Order());

    private static TcpAddress Tcp(int number)
    {
        Assert.True(DestinationAddresses.TryWrite(Address(number), out TcpAddress? wire));
        return wire;
    }
}

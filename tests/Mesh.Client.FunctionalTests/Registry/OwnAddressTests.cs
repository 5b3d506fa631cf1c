using System.Net;
using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Registry.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Where an instance says that it is called, and what becomes of that at the registry.</summary>
public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("http://0.0.0.0:80", "0.0.0.0")]
    [InlineData("http://[::]:80", "")]
    [InlineData("http://10.0.0.7:80", "10.0.0.7")]
    [InlineData("http://localhost:80", "127.0.0.1")]
    public void Host_IsOfTheListenersFamily(string bound, string host) =>
        Assert.Equal(host, OwnAddress.Find(null, [bound], new Uri("http://[2001:db8::1]:8086"))?.Host);

    [Theory]
    [InlineData("", "2001:db8::5", "[2001:db8::5]:5001")]
    [InlineData("", "::ffff:10.0.0.7", "10.0.0.7:5001")]
    [InlineData("0.0.0.0", "::ffff:10.0.0.7", "10.0.0.7:5001")]
    [InlineData("0.0.0.0", "10.0.0.7", "10.0.0.7:5001")]
    [InlineData("0.0.0.0", "::1", "127.0.0.1:5001")]
    public async Task Registered_AtAnAddressOfThatFamily(string host, string from, string expected) =>
        Assert.Equal(expected, (await ReadAsync(host, from)).Endpoint.Address.Text);

    [Fact]
    public async Task IPv4Alone_ButCallsOverIPv6_IsRefused()
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => ReadAsync("0.0.0.0", "2001:db8::5"));

        Assert.Equal(
            (StatusCode.InvalidArgument,
                "registration.host: the instance listens on IPv4 alone, and calls from 2001:db8::5; set its Mesh:Server:Address, "
                    + "or let it listen on [::]"),
            (refusal.StatusCode, refusal.Status.Detail));
    }

    private static async Task<RegisteredInstance> ReadAsync(string host, string from)
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        Registration registration = RawInstance.Valid();
        registration.Host = host;
        return controlPlane.Services.GetRequiredService<RegistrationReader>().Read(registration, IPAddress.Parse(from), peer: null);
    }
}

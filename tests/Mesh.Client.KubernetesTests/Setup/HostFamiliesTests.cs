using System.Net;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.Setup;

namespace Mesh.Client.KubernetesTests.Setup;

public sealed class HostFamiliesTests
{
    [Theory]
    [InlineData("127.0.0.1 ::1", null)]
    [InlineData("127.0.0.1 ::1 10.0.0.1 fe80::1", MeshIPFamily.IPv4)]
    [InlineData("127.0.0.1 ::1 fd00::1", MeshIPFamily.IPv6)]
    [InlineData("10.0.0.1 fd00::1", null)]
    [InlineData("", null)]
    public void A_family_alone_is_preferred(string addresses, MeshIPFamily? family) => Assert.Equal(
        family, HostFamilies.Only(addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)));
}

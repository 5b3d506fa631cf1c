using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Registry.Protocol;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>What the registry does not take, and its words for it.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private InProcessServer _controlPlane = null!;

    public async ValueTask InitializeAsync() => _controlPlane = await RegistryHost.StartControlPlaneAsync(
        settings: new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });

    public ValueTask DisposeAsync() => _controlPlane.DisposeAsync();

    public static TheoryData<string, StatusCode, string> Refused => new()
    {
        { "service=", StatusCode.InvalidArgument, "registration.service: '' is no name of a service" },
        { "service=a b", StatusCode.InvalidArgument, "registration.service: 'a b' is no name of a service" },
        {
            "service=orders",
            StatusCode.FailedPrecondition,
            "registration.service: orders.default.svc.cluster.local has its endpoints from the control plane's configuration, Mesh:Services"
        },
        { "port=0", StatusCode.InvalidArgument, "registration.port: 0 is not 1 to 65535" },
        { "port=70000", StatusCode.InvalidArgument, "registration.port: 70000 is not 1 to 65535" },
        { "host=catalog-1", StatusCode.InvalidArgument, "registration.host: 'catalog-1' is no IP address" },
        { "host=::", StatusCode.InvalidArgument, "registration.host: '::' is no address that can be called" },
        {
            "host=10.0.0.7",
            StatusCode.PermissionDenied,
            "registration.host: 10.0.0.7 is not the caller's address, 127.0.0.1; Mesh:Registry:AllowForeignAddresses of the control plane "
                + "allows that"
        },
        { "instance=", StatusCode.InvalidArgument, "registration.instance: '' is not 1 to 253 visible characters" },
        { "weight=1000001", StatusCode.InvalidArgument, "registration.weight: 1000001 is not from 1 to 1000000" },
        { "zone=a\tb", StatusCode.InvalidArgument, "registration.zone: 'a b' is not 1 to 253 printable characters" },
        {
            "label=mesh_priority",
            StatusCode.InvalidArgument,
            "registration.labels['mesh_priority']: the mesh's own name; zone has a field, and names with mesh_ are reserved"
        },
        {
            "label=a b",
            StatusCode.InvalidArgument,
            "registration.labels['a b']: a name is 1 to 63 letters, digits, '-', '_', '.' and '/'"
        },
        { "identity=a b", StatusCode.InvalidArgument, "registration.identity: 'a b' is neither a DNS name nor an absolute URI" },
        { "framing=MeshTls", StatusCode.InvalidArgument, "registration.framing: MeshTls needs an identity" },
        { "framing=9", StatusCode.InvalidArgument, "registration.framing: 9 is unknown" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Register_Wrong_IsRefusedWithItsPath(string change, StatusCode code, string detail)
    {
        using var instance = new RawInstance(_controlPlane.Address);
        await instance.SendAsync(new RegisterRequest { Registration = Changed(change) });

        Status status = await instance.EndAsync();

        Assert.Equal((code, detail), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Register_FirstMessageIsAnother_IsRefused()
    {
        using var instance = new RawInstance(_controlPlane.Address);
        await instance.BeatAsync();

        Assert.Equal("registration: the first message has to be one", (await instance.EndAsync()).Detail);
    }

    [Fact]
    public async Task Register_ForeignAddressAllowed_IsTaken()
    {
        await using InProcessServer open = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["Registry:AllowForeignAddresses"] = "true" });
        using var instance = new RawInstance(open.Address);

        Assert.Equal("10.0.0.7:5001", (await instance.RegisterAsync(Changed("host=10.0.0.7"))).Address);
    }

    [Fact]
    public async Task Register_HostEmpty_IsTheCallersOwn()
    {
        using var instance = new RawInstance(_controlPlane.Address);

        Assert.Equal("127.0.0.1:5001", (await instance.RegisterAsync(RawInstance.Valid())).Address);
    }

    private static Registration Changed(string change)
    {
        Registration registration = RawInstance.Valid();
        string[] parts = change.Split('=', 2);
        switch (parts[0])
        {
            case "service": registration.Service = parts[1]; break;
            case "port": registration.Port = uint.Parse(parts[1], null); break;
            case "host": registration.Host = parts[1]; break;
            case "instance": registration.Instance = parts[1]; break;
            case "weight": registration.Weight = uint.Parse(parts[1], null); break;
            case "zone": registration.Zone = parts[1]; break;
            case "label": registration.Labels[parts[1]] = "x"; break;
            case "identity": registration.Identity = parts[1]; break;
            default: registration.Framing = Enum.Parse<Mesh.Client.Registry.Protocol.Framing>(parts[1]); break;
        }

        return registration;
    }
}

using System.Globalization;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.TestNode;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>
/// What a service costs a process that knows its ten endpoints and has not called them: managed memory after a full collection, divided by
/// a thousand services. Measured in a process of its own: here, what other tests left comes and goes.
/// </summary>
public sealed class ServiceMemoryTests : IDisposable
{
    private const int Ceiling = 8 * 1024;

    // Less is no service with ten endpoints: what was measured was something else.
    private const int Floor = 1024;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Service_OfConfiguration_FitsInto8KiB()
    {
        double service = await TestNodeProcess.MemoryAsync("configuration");

        Report("a service of configuration", service);
        Assert.InRange(service, Floor, Ceiling);
    }

    [Fact]
    public async Task Service_OfAControlPlane_FitsInto8KiBBesideItsStream()
    {
        await using TestNodeProcess controlPlane = await TestNodeProcess.ControlPlaneAsync(Settings());
        string port = controlPlane.Port.ToString(CultureInfo.InvariantCulture);
        double stream = await TestNodeProcess.MemoryAsync("streams", port);
        double service = await TestNodeProcess.MemoryAsync("control-plane", port);

        Report("a service of a control plane", service);
        Report("a stream of Grpc.Net's, first message read", stream);
        Report("ours, the same messages kept", service - stream);
        Assert.InRange(service - stream, Floor, Ceiling);
    }

    private string Settings() => _folder.Write("services.json", JsonSerializer.Serialize(Enumerable.Range(0, MemoryFleet.Services)
        .SelectMany(service => Enumerable.Range(0, MemoryFleet.Endpoints).Select(i => (service, i)))
        .ToDictionary(
            at => $"Mesh:Services:{MemoryFleet.Host(at.service)}:Endpoints:{at.i}:Address",
            at => MemoryFleet.Address(at.service, at.i))));

    private static void Report(string what, double bytes) => TestContext.Current.TestOutputHelper?.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what}: {bytes:0} bytes"));
}

using System.Globalization;
using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.Registry.Protocol;
using RegistryClient = Mesh.Client.Registry.Protocol.Registry.RegistryClient;

namespace Mesh.Client.FunctionalTests.Scale;

/// <summary>A fleet that comes back all at once, as it does after a restart of the control plane.</summary>
[Collection(nameof(Alone))]
public sealed class LargeRegistryTests
{
    private const int Watchers = 10;

    [Fact]
    public async Task Registry_2000InstancesAtOnce_AreToldOfOnce_AndCostNoMoreEachThan500()
    {
        await StormAsync(100);
        double few = await StormAsync(500);
        double many = await StormAsync(2_000);

        // Quadratic would be four times as much.
        Assert.InRange(many / few, 0, 2);
    }

    /// <returns>Bytes that this process, control plane and instances together, allocated for each instance.</returns>
    private static async Task<double> StormAsync(int instances)
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var channel = new ControlPlaneChannel(controlPlane.Address);
        var destination = new Destination.DestinationClient(channel.CreateCallInvoker());
        var registry = new RegistryClient(channel.CreateCallInvoker());
        long before = GC.GetTotalAllocatedBytes(precise: true);
        long since = TimeProvider.System.GetTimestamp();

        Task<(int Messages, int Added)>[] watches =
            [.. Enumerable.Range(0, Watchers).Select(_ => WatchAsync(destination, instances, stop.Token))];
        AsyncDuplexStreamingCall<RegisterRequest, RegisterResponse>[] streams =
            await Task.WhenAll(Enumerable.Range(0, instances).Select(i => RegisterAsync(registry, i, stop.Token)));
        (int Messages, int Added)[] seen = await Task.WhenAll(watches);

        TimeSpan took = TimeProvider.System.GetElapsedTime(since);
        double bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)instances;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{instances} instances: {took.TotalSeconds:0.0} s, {seen.Max(one => one.Messages)} messages, {bytes:0} bytes each"));

        // Not before they were quiet for a second; and nobody is told twice of the same.
        Assert.True(took >= ServiceRegistry.Quiet, $"{took}");
        Assert.All(seen, one => Assert.Equal(instances, one.Added));
        Assert.All(seen, one => Assert.InRange(one.Messages, 1, 1 + (took / TimeSpan.FromMilliseconds(100))));
        await stop.CancelAsync();
        Array.ForEach(streams, stream => stream.Dispose());
        return bytes;
    }

    private static async Task<AsyncDuplexStreamingCall<RegisterRequest, RegisterResponse>> RegisterAsync(
        RegistryClient registry, int number, CancellationToken stop)
    {
        AsyncDuplexStreamingCall<RegisterRequest, RegisterResponse> stream = registry.Register(cancellationToken: stop);
        Registration registration = RawInstance.Valid(string.Create(CultureInfo.InvariantCulture, $"catalog-{number}"), (uint)(number + 1));
        await stream.RequestStream.WriteAsync(new RegisterRequest { Registration = registration }, stop);
        Assert.True(await stream.ResponseStream.MoveNext(stop));
        Assert.NotNull(stream.ResponseStream.Current.Registered);
        return stream;
    }

    private static async Task<(int Messages, int Added)> WatchAsync(
        Destination.DestinationClient destination, int instances, CancellationToken stop)
    {
        AsyncServerStreamingCall<Update> Ask() =>
            destination.Get(new GetDestination { Path = RegistryHost.Catalog.Authority }, cancellationToken: stop);

        AsyncServerStreamingCall<Update> call = Ask();
        var known = new HashSet<string>(StringComparer.Ordinal);
        int messages = 0;
        int added = 0;
        while (known.Count < instances)
        {
            try
            {
                Assert.True(await call.ResponseStream.MoveNext(stop));
            }
            catch (RpcException exception) when (messages == 0 && exception.StatusCode is StatusCode.Unavailable)
            {
                // They were not quiet yet when it had to say something: asked again, as a client does.
                call.Dispose();
                call = Ask();
                continue;
            }

            messages++;
            foreach (WeightedAddr address in call.ResponseStream.Current.Add?.Addrs ?? [])
            {
                added++;
                known.Add(address.Addr.ToString());
            }

            Assert.Null(call.ResponseStream.Current.Remove);
        }

        call.Dispose();
        return (messages, added);
    }
}

using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Registry.Protocol;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>An instance that says exactly what the test says, heartbeats included.</summary>
internal sealed class RawInstance : IDisposable
{
    private readonly ControlPlaneChannel _channel;
    private readonly AsyncDuplexStreamingCall<RegisterRequest, RegisterResponse> _call;

    public RawInstance(Uri controlPlane)
        : this(new ControlPlaneChannel(controlPlane))
    {
    }

    /// <param name="channel">Belongs to the instance from here on.</param>
    public RawInstance(ControlPlaneChannel channel)
    {
        _channel = channel;
        _call = new Mesh.Client.Registry.Protocol.Registry.RegistryClient(_channel.CreateCallInvoker()).Register(
            cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>As good as any, but for what the test changes.</summary>
    public static Registration Valid(string instance = "catalog-1", uint port = 5001) =>
        new() { Service = "catalog.default.svc.cluster.local", Instance = instance, Port = port };

    public async Task<Registered> RegisterAsync(Registration registration)
    {
        await SendAsync(new RegisterRequest { Registration = registration });
        return (await NextAsync()).Registered;
    }

    public Task BeatAsync() => SendAsync(new RegisterRequest { Heartbeat = new() });

    public async Task<RegisterResponse> LeaveAsync()
    {
        await SendAsync(new RegisterRequest { Leave = new() });
        return await NextAsync();
    }

    /// <summary>With what the stream has ended or will end.</summary>
    public async Task<Status> EndAsync() => (await Assert.ThrowsAsync<RpcException>(NextAsync)).Status;

    /// <summary>Closes the connection without a word, as the kernel does for a process that is killed.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        _call.Dispose();
    }

    public Task SendAsync(RegisterRequest request) => _call.RequestStream.WriteAsync(request, TestContext.Current.CancellationToken);

    private async Task<RegisterResponse> NextAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        return _call.ResponseStream.Current;
    }
}

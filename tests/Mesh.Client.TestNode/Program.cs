using System.Net;
using Mesh.Client.TestNode;

// A process of its own for the functional tests: something that can be killed, a second client to compare with, a quiet heap.
return args switch
{
    ["server", string name, string journal, string port] => await ServerNode.RunAsync(name, journal, int.Parse(port, null)),
    ["pod", string name, string journal, string address, string port, string http2Port] =>
        await PodNode.RunAsync(name, journal, IPAddress.Parse(address), int.Parse(port, null), int.Parse(http2Port, null)),
    ["registered", string name, string controlPlane] => await RegisteredNode.RunAsync(name, int.Parse(controlPlane, null)),
    ["control-plane", string settings, string address, string port] =>
        await ControlPlaneNode.RunAsync(settings, IPAddress.Parse(address), int.Parse(port, null)),
    ["client", string settings, string host] => await ClientNode.RunAsync(settings, host),
    ["memory", "configuration"] => await MemoryNode.RunConfigurationAsync(),
    ["memory", "control-plane", string port] => await MemoryNode.RunControlPlaneAsync(int.Parse(port, null)),
    ["memory", "streams", string port] => await MemoryNode.RunStreamsAsync(int.Parse(port, null)),
    _ => 2,
};

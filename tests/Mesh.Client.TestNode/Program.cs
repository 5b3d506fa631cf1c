using Mesh.Client.TestNode;

// A process of its own for the functional tests: something that can be killed, and a second client to compare with.
return args switch
{
    ["server", string name, string journal, string port] => await ServerNode.RunAsync(name, journal, int.Parse(port, null)),
    ["registered", string name, string controlPlane] => await RegisteredNode.RunAsync(name, int.Parse(controlPlane, null)),
    ["control-plane", string settings, string port] => await ControlPlaneNode.RunAsync(settings, int.Parse(port, null)),
    ["client", string settings, string host] => await ClientNode.RunAsync(settings, host),
    _ => 2,
};

namespace Mesh.Client.Discovery.Destination;

/// <summary>Something in a message that was left out because it makes no sense.</summary>
/// <param name="Kind">The place without indexes, <c>add.addrs[].addr</c>: what is logged once.</param>
/// <param name="Text">The place and what is wrong there: <c>add.addrs[3].addr: port 70000 is not 1 to 65535</c>.</param>
internal sealed record BadInput(string Kind, string Text);

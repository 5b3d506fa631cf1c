namespace Mesh.Client.Discovery.Destination;

/// <summary>A control plane's address in words: its scheme, host and port. What stands before the host may be a password.</summary>
internal static class ControlPlaneAddress
{
    public static string Text(Uri address)
    {
        if (address.IsAbsoluteUri && address.Host.Length > 0)
        {
            return address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        }

        string text = address.OriginalString;
        return text[(text.LastIndexOf('@') + 1)..];
    }
}

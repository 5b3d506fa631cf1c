namespace Mesh.Client.AspNetCore.Injector;

/// <summary>A feature of connections to an endpoint that serves the injector's certificate: the injector answers on no other.</summary>
internal sealed class InjectorConnection
{
    public static readonly InjectorConnection Instance = new();

    private InjectorConnection()
    {
    }
}

using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.Discovery.Providers;

/// <summary>What objects of foreign code say of themselves, in one short line; their type where they cannot even say that.</summary>
internal static class ForeignText
{
    public static string Of(object? given) => Read(static given => given?.ToString(), given);

    /// <summary>What lies at the bottom of it.</summary>
    public static string OfCause(Exception exception) =>
        exception is ProviderException ? exception.Message : Read(static e => e!.GetBaseException().Message, exception).TrimEnd('.');

    private static string Read<T>(Func<T?, string?> read, T? from)
        where T : class
    {
        try
        {
            return RpcReason.Clean(read(from) ?? "");
        }
        catch (Exception)
        {
            return from!.GetType().Name;
        }
    }
}

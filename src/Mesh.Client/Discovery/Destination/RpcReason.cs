using System.Text.RegularExpressions;
using Grpc.Core;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery.Destination;

/// <summary>Why a call failed, short enough for an error message and safe to log.</summary>
internal static partial class RpcReason
{
    /// <summary>For our own words, which tell whom we expected and who was there: names of up to 253 characters.</summary>
    public const int MaxOwnLength = 1000;

    private const int MaxLength = 200;
    private const long EnhanceYourCalm = 0xb;

    /// <summary>What lies at the bottom: <c>Connection refused</c>, or <c>Unavailable: the control plane is stopping</c>.</summary>
    public static string Short(RpcException exception) =>
        exception.Status.DebugException is { } cause
            ? ConnectFailedException.In(cause) is { } failed ? Clean(failed.Message, MaxOwnLength) : Clean(cause.GetBaseException().Message)
            : $"{exception.StatusCode}: {Detail(exception)}";

    /// <summary>What the server said, in one line of so many characters at most; the status where it said nothing.</summary>
    public static string Detail(RpcException exception, int maxLength = MaxLength) =>
        exception.Status.Detail is { Length: > 0 } detail ? Clean(detail, maxLength) : exception.StatusCode.ToString();

    /// <summary>Whether the server has ended the connection for what it takes for too much of something, such as pings.</summary>
    public static bool AsksForCalm(RpcException exception)
    {
        for (Exception? cause = exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException { ErrorCode: EnhanceYourCalm })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Foreign text in one line of at most 200 characters.</summary>
    public static string Clean(string text) => Clean(text, MaxLength);

    private static string Clean(string text, int length)
    {
        string line = Control().Replace(text, " ").Trim();
        return line.Length <= length ? line : line[..length] + "…";
    }

    [GeneratedRegex(@"\p{C}+")]
    private static partial Regex Control();
}
